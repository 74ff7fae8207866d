import { count, layer, options, z, type Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { only } from './call.js';

const schema = z.object({
  units: count.default(10).describe('Classes: one map each'),
  softmax: z.boolean().default(true).describe('Whether probabilities come out; logits otherwise'),
  seed: z.int().min(0).default(0).describe('Of the first weights'),
});
type Settings = z.infer<typeof schema>;

/** A classifier without dense layers: [B, H, W, C] to [B, units], of any height and width. */
export class GlobalAverageHead extends layers.Layer {
  static className = 'CultivarGlobalAverageHead';
  private readonly settings: Settings;
  private kernel!: LayerVariable;
  private bias!: LayerVariable;

  constructor(config: Partial<Settings> & { name?: string } = {}) {
    super(config as ConstructorParameters<typeof layers.Layer>[0]);
    this.settings = schema.parse({ units: config.units, softmax: config.softmax, seed: config.seed });
  }

  override build(shape: (number | null)[]): void {
    const { units, seed } = this.settings;
    // tfjs takes a seed of 0 for none.
    this.kernel = this.addWeight('kernel', [1, 1, shape.at(-1)!, units], 'float32', initializers.glorotUniform({ seed: seed + 1 }));
    this.bias = this.addWeight('bias', [units], 'float32', initializers.zeros());
    this.built = true;
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return [shape[0]!, this.settings.units];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = only(inputs);
      const [channels, units] = [x.shape.at(-1)!, this.settings.units];
      // The 1 x 1 convolution as a product: each class has a map of the image, and the mean of its map is its logit.
      const maps = tf.add(tf.matMul(tf.reshape(x, [x.size / channels, channels]), tf.reshape(this.kernel.read(), [channels, units])), this.bias.read());
      const logits = tf.mean(tf.reshape(maps, [x.shape[0]!, x.size / (channels * x.shape[0]!), units]), 1);
      return this.settings.softmax ? tf.softmax(logits) : logits;
    });
  }

  override getConfig() {
    return { ...super.getConfig(), ...this.settings };
  }
}
tf.serialization.registerClass(GlobalAverageHead);

/**
 * z_k = mean over all places of (x W + b)_k, softmax over z: a 1 x 1 convolution to one map for each class, averaged. Nothing is
 * left to overfit in dense layers.
 *
 * Source: Lin, Chen & Yan 2014, "Network in network", section 3.2.
 */
@layer({
  name: 'global-average-head',
  summary: 'A classifier of one averaged map for each class',
  reference: 'Lin, Chen & Yan 2014, Network in network',
  options: schema,
})
export class GlobalAverageHeadContribution implements Layer {
  @options() readonly options!: Settings;

  create(name?: string): layers.Layer {
    return new GlobalAverageHead({ ...this.options, ...(name !== undefined && { name }) });
  }
}
