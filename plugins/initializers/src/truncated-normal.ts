import * as tf from '@tensorflow/tfjs-core';
import { initializer, options, positive, z, type Initializer, type Random } from '@cultivar/sdk';

const schema = z.object({
  deviation: positive.default(0.02).describe('Standard deviation of the normal before it is cut'),
  limit: z.number().min(0.5).default(2).describe('Deviations from the mean beyond which a draw is thrown away, at least 0.5'),
});

/**
 * w ~ N(0, deviation^2), drawn again while |w| > limit * deviation: no unit starts with a freak weight.
 *
 * Cutting narrows it: with a limit of 2 the deviation of what is left is 0.88 of the one given, as in
 * `torch.nn.init.trunc_normal_` and `keras.initializers.TruncatedNormal`.
 */
@initializer({
  name: 'truncated-normal',
  summary: 'Normal, cut off at two deviations',
  reference: 'Abadi et al. 2016, TensorFlow: truncated_normal; Dosovitskiy et al. 2021 for 0.02',
  options: schema,
})
export class TruncatedNormal implements Initializer {
  @options() readonly options!: z.infer<typeof schema>;

  create(shape: number[], { random }: { fanIn: number; fanOut: number; random: Random }): tf.Tensor {
    const { deviation, limit } = this.options;
    const one = (): number => {
      for (;;) {
        const value = random.normal();
        if (Math.abs(value) <= limit) return value * deviation;
      }
    };
    return tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, one), shape, 'float32');
  }
}
