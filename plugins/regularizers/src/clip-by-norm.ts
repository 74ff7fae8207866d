import * as tf from '@tensorflow/tfjs-core';
import { options, positive, regularizer, z, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  limit: positive.default(1).describe('Largest length that the gradient of all trained weights together may have'),
});

/** Of the length, so that a gradient of zero is not divided by zero; PyTorch's own. */
const epsilon = 1e-6;

/**
 * g <- g * min(1, limit / (|g| + 1e-6)), |g| the Euclidean length of the gradients of all trained weights together: the
 * direction stays.
 *
 * Source: Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks", algorithm 1; the same
 * numbers as `torch.nn.utils.clip_grad_norm_`.
 */
@regularizer({
  name: 'clip-by-norm',
  summary: 'Shorten the gradient of all weights together to a largest length',
  reference: 'Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks',
  options: schema,
})
export class ClipByNorm implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  gradients(gradients: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> {
    const all = Object.entries(gradients);
    const length = tf.sqrt(tf.addN(all.map(([, gradient]) => tf.sum(tf.square(gradient)))));
    const share = tf.minimum(1, tf.div(this.options.limit, tf.add(length, epsilon)));
    return Object.fromEntries(all.map(([name, gradient]) => [name, tf.mul(gradient, share)]));
  }
}
