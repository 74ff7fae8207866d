import * as tf from '@tensorflow/tfjs-core';
import { fraction, options, regularizer, z, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  smoothing: fraction.default(0.1).describe('Share of the target that is spread evenly over all classes, 0..1'),
});

/**
 * targets' = (1 - smoothing) * targets + smoothing / K, over K classes; rows still sum to 1.
 *
 * Source: Szegedy et al. 2016, "Rethinking the Inception architecture", section 7; the same numbers as
 * `torch.nn.CrossEntropyLoss(label_smoothing)`.
 */
@regularizer({
  name: 'label-smoothing',
  summary: 'Spread a share of each target evenly over all classes',
  reference: 'Szegedy et al. 2016, Rethinking the Inception architecture for computer vision',
  options: schema,
})
export class LabelSmoothing implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  targets(targets: tf.Tensor2D): tf.Tensor2D {
    const { smoothing } = this.options;
    const classes = targets.shape[1];
    return tf.add(tf.mul(targets, 1 - smoothing), smoothing / classes);
  }
}
