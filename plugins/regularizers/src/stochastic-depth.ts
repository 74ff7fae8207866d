import * as tf from '@tensorflow/tfjs-core';
import { options, regularizer, z, type Random, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  rate: z.number().min(0).lt(1).default(0.2).describe('Share of the images for which the last block is skipped, 0 <= rate < 1'),
  decay: z.enum(['linear', 'uniform']).default('linear').describe('Earlier blocks are skipped less, or all alike'),
});

/**
 * Training: y = x + b F(x) / (1 - rate_l), b 0 with probability rate_l, drawn for each image and each residual block l of the
 * stages that train. Inference: y = x + F(x). With linear decay rate_l = rate * l / L, l = 1..L.
 *
 * Dropping and scaling of `torchvision.ops.stochastic_depth(mode="row")`: the mean is kept in training, where Huang et al.
 * scale at inference.
 * Source: Huang et al. 2016, "Deep networks with stochastic depth".
 */
@regularizer({
  name: 'stochastic-depth',
  summary: 'Skip residual blocks at random while training',
  reference: 'Huang et al. 2016, Deep networks with stochastic depth',
  options: schema,
})
export class StochasticDepth implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  branch(block: number, blocks: number): ((branch: tf.Tensor, random: Random) => tf.Tensor) | undefined {
    const { rate, decay } = this.options;
    const own = decay === 'linear' ? (rate * (block + 1)) / blocks : rate;
    if (own === 0) return undefined;
    return (branch, random) => {
      const kept = Float32Array.from({ length: branch.shape[0]! }, () => (random.uniform() < own ? 0 : 1 / (1 - own)));
      return tf.mul(branch, tf.tensor(kept, [kept.length, ...branch.shape.slice(1).map(() => 1)]));
    };
  }
}
