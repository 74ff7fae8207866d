import { layer, options, z, type Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { Draws, only, type CallArguments } from './call.js';

const schema = z.object({
  rate: z.number().min(0).lt(1).default(0.5).describe('Share of the values that is dropped, 0 <= rate < 1'),
  scaling: z.enum(['training', 'inference']).default('training').describe('Where values are scaled: by 1 / (1 - rate) in training (inverted), or by 1 - rate at inference (as first published)'),
  monteCarlo: z.boolean().default(false).describe('Drops at inference as well: the mean of several predictions is to be taken'),
  seed: z.int().min(0).default(0).describe('What is dropped follows from it and from how often the layer was called'),
});
type Settings = z.infer<typeof schema>;

export class Dropout extends layers.Layer {
  static className = 'CultivarDropout';
  private readonly settings: Settings;
  private readonly draws: Draws;

  constructor(config: Partial<Settings> & { name?: string } = {}) {
    super(config as ConstructorParameters<typeof layers.Layer>[0]);
    this.settings = schema.parse({ rate: config.rate, scaling: config.scaling, monteCarlo: config.monteCarlo, seed: config.seed });
    this.draws = new Draws(this.settings.seed);
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training = false }: CallArguments): tf.Tensor {
    const { rate, scaling, monteCarlo } = this.settings;
    return tf.tidy(() => {
      const x = only(inputs);
      if (!training && !monteCarlo) return scaling === 'inference' ? tf.mul(x, 1 - rate) : tf.clone(x);
      const kept = tf.cast(tf.greaterEqual(tf.randomUniform(x.shape, 0, 1, 'float32', this.draws.next()), rate), 'float32');
      return tf.mul(x, scaling === 'training' ? tf.div(kept, 1 - rate) : kept);
    });
  }

  override getConfig() {
    return { ...super.getConfig(), ...this.settings };
  }
}
tf.serialization.registerClass(Dropout);

/**
 * Training: y = x * mask / (1 - rate), mask 1 with probability 1 - rate; inference: y = x (inverted). With `scaling: inference`:
 * y = x * mask, and y = x * (1 - rate). With `monteCarlo` the mask is drawn at inference as well: the spread of several
 * predictions tells how sure the network is.
 *
 * Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"; Gal & Ghahramani 2016,
 * "Dropout as a Bayesian approximation".
 */
@layer({
  name: 'dropout',
  summary: 'Drop values at random while training, or at inference as well (Monte Carlo)',
  reference: 'Srivastava et al. 2014, Dropout; Gal & Ghahramani 2016, Dropout as a Bayesian approximation',
  options: schema,
})
export class DropoutContribution implements Layer {
  @options() readonly options!: Settings;

  create(name?: string): layers.Layer {
    return new Dropout({ ...this.options, ...(name !== undefined && { name }) });
  }
}
