import { fraction, layer, options, positive, z, type Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { only, type CallArguments } from './call.js';
import { momentsOf, normalised } from './normalise.js';

const schema = z.object({
  momentum: fraction.default(0.9).describe('Share of the moving statistics that stays at each step, 0..1'),
  epsilon: positive.default(1e-5).describe('Added to the variance'),
  scale: z.boolean().default(true).describe('Whether there is a trained scale'),
  offset: z.boolean().default(true).describe('Whether there is a trained offset'),
});
type Settings = z.infer<typeof schema>;

/** The layer; `trainable: false` puts it in inference mode, as in Keras: neither statistics nor scale move. */
export class BatchNorm extends layers.Layer {
  static className = 'CultivarBatchNorm';
  private readonly settings: Settings;
  private gamma: LayerVariable | undefined;
  private beta: LayerVariable | undefined;
  private movingMean!: LayerVariable;
  private movingVariance!: LayerVariable;

  constructor(config: Partial<Settings> & { name?: string; trainable?: boolean } = {}) {
    super(config as ConstructorParameters<typeof layers.Layer>[0]);
    this.settings = schema.parse({ momentum: config.momentum, epsilon: config.epsilon, scale: config.scale, offset: config.offset });
  }

  override build(shape: (number | null)[]): void {
    const channels = [shape.at(-1)!];
    if (this.settings.scale) this.gamma = this.addWeight('gamma', channels, 'float32', initializers.ones());
    if (this.settings.offset) this.beta = this.addWeight('beta', channels, 'float32', initializers.zeros());
    this.movingMean = this.addWeight('moving_mean', channels, 'float32', initializers.zeros(), undefined, false);
    this.movingVariance = this.addWeight('moving_variance', channels, 'float32', initializers.ones(), undefined, false);
    this.built = true;
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training = false }: CallArguments): tf.Tensor {
    return tf.tidy(() => {
      const x = only(inputs);
      const { epsilon } = this.settings;
      const [gamma, beta] = [this.gamma?.read(), this.beta?.read()];
      if (!training || !this.trainable) return normalised(x, this.movingMean.read(), this.movingVariance.read(), epsilon, gamma, beta);
      const axes = x.shape.map((_side, axis) => axis).slice(0, -1);
      const { mean, variance } = momentsOf(x, axes);
      this.move(mean, variance, x.size / x.shape.at(-1)!);
      return normalised(x, mean, variance, epsilon, gamma, beta);
    });
  }

  /** moving <- momentum * moving + (1 - momentum) * batch, the variance divided by n - 1, as in PyTorch and Keras 3. */
  private move(mean: tf.Tensor, variance: tf.Tensor, count: number): void {
    const { momentum } = this.settings;
    const toward = (moving: LayerVariable, batch: tf.Tensor) => {
      const value = tf.reshape(batch, moving.shape as number[]);
      moving.write(tf.add(tf.mul(moving.read(), momentum), tf.mul(value, 1 - momentum)));
    };
    toward(this.movingMean, mean);
    toward(this.movingVariance, tf.mul(variance, count / Math.max(1, count - 1)));
  }

  override getConfig() {
    return { ...super.getConfig(), ...this.settings };
  }
}
tf.serialization.registerClass(BatchNorm);

/**
 * y = gamma (x - m) / sqrt(v + epsilon) + beta, m and v over batch and places of each channel in training, their moving
 * averages at inference.
 *
 * Source: Ioffe & Szegedy 2015, "Batch normalization: accelerating deep network training by reducing internal covariate shift";
 * the numbers of `torch.nn.BatchNorm2d`, whose momentum is 1 less this one.
 */
@layer({
  name: 'batch-norm',
  summary: 'Normalise each channel over the batch',
  reference: 'Ioffe & Szegedy 2015, Batch normalization',
  options: schema,
})
export class BatchNormContribution implements Layer {
  @options() readonly options!: Settings;

  create(name?: string): layers.Layer {
    return new BatchNorm({ ...this.options, ...(name !== undefined && { name }) });
  }
}
