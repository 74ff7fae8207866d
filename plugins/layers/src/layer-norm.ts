import { layer, options, positive, z, type Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { only } from './call.js';
import { momentsOf, normalised } from './normalise.js';

const schema = z.object({
  epsilon: positive.default(1e-5).describe('Added to the variance'),
});
type Settings = z.infer<typeof schema>;

/** The layer; scale and offset have the shape of one image, as in PyTorch. */
export class LayerNorm extends layers.Layer {
  static className = 'CultivarLayerNorm';
  private readonly settings: Settings;
  private gamma!: LayerVariable;
  private beta!: LayerVariable;

  constructor(config: Partial<Settings> & { name?: string } = {}) {
    super(config as ConstructorParameters<typeof layers.Layer>[0]);
    this.settings = schema.parse({ epsilon: config.epsilon });
  }

  override build(shape: (number | null)[]): void {
    const one = shape.slice(1) as number[];
    this.gamma = this.addWeight('gamma', one, 'float32', initializers.ones());
    this.beta = this.addWeight('beta', one, 'float32', initializers.zeros());
    this.built = true;
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = only(inputs);
      const { mean, variance } = momentsOf(x, x.shape.map((_side, axis) => axis).slice(1));
      return normalised(x, mean, variance, this.settings.epsilon, this.gamma.read(), this.beta.read());
    });
  }

  override getConfig() {
    return { ...super.getConfig(), ...this.settings };
  }
}
tf.serialization.registerClass(LayerNorm);

/**
 * y = gamma * (x - m) / sqrt(v + epsilon) + beta, m and v over all values of one image: the batch does not matter.
 *
 * Source: Ba, Kiros & Hinton 2016, "Layer normalization"; the numbers of `torch.nn.LayerNorm` over all axes but the batch.
 */
@layer({
  name: 'layer-norm',
  summary: 'Normalise each image over all its values',
  reference: 'Ba, Kiros & Hinton 2016, Layer normalization',
  options: schema,
})
export class LayerNormContribution implements Layer {
  @options() readonly options!: Settings;

  create(name?: string): layers.Layer {
    return new LayerNorm({ ...this.options, ...(name !== undefined && { name }) });
  }
}
