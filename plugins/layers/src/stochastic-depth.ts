import { layer, options, z, type Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { Draws, only, type CallArguments } from './call.js';

const schema = z.object({
  rate: z.number().min(0).lt(1).default(0.2).describe('Share of the images for which the branch is dropped, 0 <= rate < 1'),
  seed: z.int().min(0).default(0).describe('What is dropped follows from it and from how often the layer was called'),
});
type Settings = z.infer<typeof schema>;

/** Stands behind the branch of a residual block, in front of the addition. */
export class StochasticDepth extends layers.Layer {
  static className = 'CultivarStochasticDepth';
  private readonly settings: Settings;
  private readonly draws: Draws;

  constructor(config: Partial<Settings> & { name?: string } = {}) {
    super(config as ConstructorParameters<typeof layers.Layer>[0]);
    this.settings = schema.parse({ rate: config.rate, seed: config.seed });
    this.draws = new Draws(this.settings.seed);
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training = false }: CallArguments): tf.Tensor {
    const { rate } = this.settings;
    return tf.tidy(() => {
      const x = only(inputs);
      if (!training || rate === 0) return tf.clone(x);
      const drawn = tf.randomUniform([x.shape[0]!, ...x.shape.slice(1).map(() => 1)], 0, 1, 'float32', this.draws.next());
      return tf.mul(x, tf.div(tf.cast(tf.greaterEqual(drawn, rate), 'float32'), 1 - rate));
    });
  }

  override getConfig() {
    return { ...super.getConfig(), ...this.settings };
  }
}
tf.serialization.registerClass(StochasticDepth);

/**
 * Training: y = b x / (1 - rate), b 0 with probability rate, drawn for each image; inference: y = x. In a residual block,
 * behind the branch: x + b F(x) / (1 - rate). The regularizer of this name puts it into any network that trains.
 *
 * Source: Huang et al. 2016, "Deep networks with stochastic depth"; `torchvision.ops.stochastic_depth(mode="row")`.
 */
@layer({
  name: 'stochastic-depth',
  summary: 'Drop a whole residual branch for some images while training',
  reference: 'Huang et al. 2016, Deep networks with stochastic depth',
  options: schema,
})
export class StochasticDepthContribution implements Layer {
  @options() readonly options!: Settings;

  create(name?: string): layers.Layer {
    return new StochasticDepth({ ...this.options, ...(name !== undefined && { name }) });
  }
}
