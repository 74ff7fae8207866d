import { count, layer, options, positive, z, type Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { only } from './call.js';
import { momentsOf, normalised } from './normalise.js';

const schema = z.object({
  groups: count.default(2).describe('Groups that the channels are parted into; the channels must be a multiple'),
  epsilon: positive.default(1e-5).describe('Added to the variance'),
});
type Settings = z.infer<typeof schema>;

/** The layer: [B, ..., C], the channels parted into groups of neighbours. */
export class GroupNorm extends layers.Layer {
  static className = 'CultivarGroupNorm';
  private readonly settings: Settings;
  private gamma!: LayerVariable;
  private beta!: LayerVariable;

  constructor(config: Partial<Settings> & { name?: string } = {}) {
    super(config as ConstructorParameters<typeof layers.Layer>[0]);
    this.settings = schema.parse({ groups: config.groups, epsilon: config.epsilon });
  }

  override build(shape: (number | null)[]): void {
    const channels = shape.at(-1)!;
    if (channels % this.settings.groups !== 0) throw new RangeError(`${channels} channels cannot be parted into ${this.settings.groups} groups`);
    this.gamma = this.addWeight('gamma', [channels], 'float32', initializers.ones());
    this.beta = this.addWeight('beta', [channels], 'float32', initializers.zeros());
    this.built = true;
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => groupNormalised(only(inputs), this.settings.groups, this.settings.epsilon, this.gamma.read(), this.beta.read()));
  }

  override getConfig() {
    return { ...super.getConfig(), ...this.settings };
  }
}
tf.serialization.registerClass(GroupNorm);

/** @param x [B, ..., C] @param gamma [C] @param beta [C] */
export function groupNormalised(x: tf.Tensor, groups: number, epsilon: number, gamma?: tf.Tensor, beta?: tf.Tensor): tf.Tensor {
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const places = x.size / (batch * channels);
  const parted = tf.reshape(x, [batch, places, groups, channels / groups]);
  const { mean, variance } = momentsOf(parted, [1, 3]);
  const standard = tf.reshape(normalised(parted, mean, variance, epsilon), x.shape);
  const scaled = gamma ? tf.mul(standard, gamma) : standard;
  return beta ? tf.add(scaled, beta) : scaled;
}

/**
 * y = gamma (x - m) / sqrt(v + epsilon) + beta, m and v over the places of one image and the channels of one group: the batch
 * does not matter.
 *
 * Source: Wu & He 2018, "Group normalization" (they take 32 groups of wide networks); the numbers of `torch.nn.GroupNorm`.
 */
@layer({
  name: 'group-norm',
  summary: 'Normalise each group of channels of each image',
  reference: 'Wu & He 2018, Group normalization',
  options: schema,
})
export class GroupNormContribution implements Layer {
  @options() readonly options!: Settings;

  create(name?: string): layers.Layer {
    return new GroupNorm({ ...this.options, ...(name !== undefined && { name }) });
  }
}
