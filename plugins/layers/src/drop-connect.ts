import { count, layer, options, z, type Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { Draws, only, type CallArguments } from './call.js';

const schema = z.object({
  units: count.default(10).describe('Outputs'),
  rate: z.number().min(0).lt(1).default(0.5).describe('Share of the weights that is dropped, 0 <= rate < 1'),
  seed: z.int().min(0).default(0).describe('What is dropped follows from it and from how often the layer was called'),
});
type Settings = z.infer<typeof schema>;

/** A dense layer, [B, ..., F] to [B, ..., units], whose weights are dropped. */
export class DropConnect extends layers.Layer {
  static className = 'CultivarDropConnect';
  private readonly settings: Settings;
  private readonly draws: Draws;
  private kernel!: LayerVariable;
  private bias!: LayerVariable;

  constructor(config: Partial<Settings> & { name?: string } = {}) {
    super(config as ConstructorParameters<typeof layers.Layer>[0]);
    this.settings = schema.parse({ units: config.units, rate: config.rate, seed: config.seed });
    this.draws = new Draws(this.settings.seed);
  }

  override build(shape: (number | null)[]): void {
    // tfjs takes a seed of 0 for none.
    this.kernel = this.addWeight('kernel', [shape.at(-1)!, this.settings.units], 'float32', initializers.glorotUniform({ seed: this.settings.seed + 1 }));
    this.bias = this.addWeight('bias', [this.settings.units], 'float32', initializers.zeros());
    this.built = true;
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return [...shape.slice(0, -1), this.settings.units];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training = false }: CallArguments): tf.Tensor {
    const { rate } = this.settings;
    return tf.tidy(() => {
      const kernel = this.kernel.read() as tf.Tensor2D;
      const mask = (): tf.Tensor => tf.div(tf.cast(tf.greaterEqual(tf.randomUniform(kernel.shape, 0, 1, 'float32', this.draws.next()), rate), 'float32'), 1 - rate);
      const x = only(inputs);
      const [features, units] = kernel.shape;
      const rows = tf.reshape(x, [x.size / features, features]);
      const result = tf.add(tf.matMul(rows, training && rate > 0 ? tf.mul(kernel, mask()) : kernel), this.bias.read());
      return tf.reshape(result, [...x.shape.slice(0, -1), units]);
    });
  }

  override getConfig() {
    return { ...super.getConfig(), ...this.settings };
  }
}
tf.serialization.registerClass(DropConnect);

/**
 * Training: y = x (W * M / (1 - rate)) + b, M 1 with probability 1 - rate, drawn for each weight, one mask for the batch.
 * Inference: y = x W + b.
 *
 * Source: Wan et al. 2013, "Regularization of neural networks using DropConnect"; the mean is kept in training, where they
 * draw from a normal of the same moments at inference.
 */
@layer({
  name: 'drop-connect',
  summary: 'A dense layer whose weights are dropped at random while training',
  reference: 'Wan et al. 2013, Regularization of neural networks using DropConnect',
  options: schema,
})
export class DropConnectContribution implements Layer {
  @options() readonly options!: Settings;

  create(name?: string): layers.Layer {
    return new DropConnect({ ...this.options, ...(name !== undefined && { name }) });
  }
}
