import * as tf from '@tensorflow/tfjs-core';
import { options, positive, regularizer, z, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  limit: positive.default(0.5).describe('Largest absolute value that a component of a gradient may have'),
});

/**
 * g_i <- min(max(g_i, -limit), limit), each component for itself: the direction may change.
 *
 * Source: Mikolov 2012, "Statistical language models based on neural networks", section 3.2.2; the same numbers as
 * `torch.nn.utils.clip_grad_value_`.
 */
@regularizer({
  name: 'clip-by-value',
  summary: 'Cut each component of the gradient off at a limit',
  reference: 'Mikolov 2012, Statistical language models based on neural networks',
  options: schema,
})
export class ClipByValue implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  gradients(gradients: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> {
    const { limit } = this.options;
    return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, tf.clipByValue(gradient, -limit, limit)]));
  }
}
