import { layer, options, positive, z, type Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { only } from './call.js';
import { groupNormalised } from './group-norm.js';

const schema = z.object({
  epsilon: positive.default(1e-5).describe('Added to the variance'),
  affine: z.boolean().default(true).describe('Whether there are a trained scale and offset'),
});
type Settings = z.infer<typeof schema>;

/** The layer: [B, H, W, C]; group norm with one channel in a group. */
export class InstanceNorm extends layers.Layer {
  static className = 'CultivarInstanceNorm';
  private readonly settings: Settings;
  private gamma: LayerVariable | undefined;
  private beta: LayerVariable | undefined;

  constructor(config: Partial<Settings> & { name?: string } = {}) {
    super(config as ConstructorParameters<typeof layers.Layer>[0]);
    this.settings = schema.parse({ epsilon: config.epsilon, affine: config.affine });
  }

  override build(shape: (number | null)[]): void {
    if (this.settings.affine) {
      this.gamma = this.addWeight('gamma', [shape.at(-1)!], 'float32', initializers.ones());
      this.beta = this.addWeight('beta', [shape.at(-1)!], 'float32', initializers.zeros());
    }
    this.built = true;
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = only(inputs);
      return groupNormalised(x, x.shape.at(-1)!, this.settings.epsilon, this.gamma?.read(), this.beta?.read());
    });
  }

  override getConfig() {
    return { ...super.getConfig(), ...this.settings };
  }
}
tf.serialization.registerClass(InstanceNorm);

/**
 * y = gamma (x - m) / sqrt(v + epsilon) + beta, m and v over the places of one channel of one image.
 *
 * Source: Ulyanov, Vedaldi & Lempitsky 2016, "Instance normalization: the missing ingredient for fast stylization"; the numbers of
 * `torch.nn.InstanceNorm2d(affine=True)`.
 */
@layer({
  name: 'instance-norm',
  summary: 'Normalise each channel of each image',
  reference: 'Ulyanov, Vedaldi & Lempitsky 2016, Instance normalization',
  options: schema,
})
export class InstanceNormContribution implements Layer {
  @options() readonly options!: Settings;

  create(name?: string): layers.Layer {
    return new InstanceNorm({ ...this.options, ...(name !== undefined && { name }) });
  }
}
