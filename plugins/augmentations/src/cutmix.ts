import * as tf from '@tensorflow/tfjs-core';
import { augmentation, fraction, options, positive, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { blend } from './mixup.js';
import { area, drawRegion, regionMask } from './region.js';
import { reorder } from './sampling.js';

const schema = z.object({
  alpha: positive.default(1).describe('Both parameters of the Beta distribution; 1: any share alike'),
  probability: fraction.default(1).describe('Probability that a batch is mixed'),
});

/**
 * x' = x * (1 - M) + x[p] * M, M = 1 in a box of sides H * sqrt(1 - lambda) and W * sqrt(1 - lambda) about a centre drawn
 * evenly over the image;  y' = lambda' * y + (1 - lambda') * y[p];  lambda ~ Beta(alpha, alpha), p a random permutation.
 * lambda' = 1 - area(M) / (H * W) is corrected for what was clipped away at the edges.
 * One lambda, box and permutation for each batch, as in the authors' code.
 *
 * Source: Yun et al. 2019, "CutMix: regularization strategy to train strong classifiers with localizable features".
 */
@augmentation({
  name: 'cutmix',
  summary: 'Paste a box of another image of the batch into each image, and mix the targets by area',
  reference: 'Yun et al. 2019, CutMix: regularization strategy to train strong classifiers with localizable features',
  options: schema,
})
export class CutMix implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply(batch: LabelledBatch, random: Random): LabelledBatch {
    const { alpha, probability } = this.options;
    if (random.uniform() >= probability) return batch;
    const [count, height, width] = batch.images.shape;
    const side = Math.sqrt(1 - random.beta(alpha, alpha));
    const region = drawRegion({ height, width }, { height: height * side, width: width * side }, random);
    const order = random.permutation(count);
    const mask = regionMask([region], height, width);
    const lambda = 1 - area(region) / (height * width);
    return {
      images: tf.add(tf.mul(batch.images, tf.sub(1, mask)), tf.mul(reorder(batch.images, order), mask)),
      targets: blend(batch.targets, tf.gather(batch.targets, order), lambda),
    };
  }
}
