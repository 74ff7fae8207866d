import { count, layer, options, z, type Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { Draws, only, type CallArguments } from './call.js';

const schema = z.object({
  ratio: z.number().gt(0).lt(1).default(0.7).describe('Output side over input side, between 0 and 1; the paper has 1/sqrt(2)'),
  size: count.default(2).describe('Side of a pooling region, in pixels'),
  seed: z.int().min(0).default(0).describe('Regions follow from it and from how often the layer was called in training'),
});
type Settings = z.infer<typeof schema>;

export class FractionalMaxPooling extends layers.Layer {
  static className = 'CultivarFractionalMaxPooling';
  private readonly settings: Settings;
  private readonly draws: Draws;

  constructor(config: Partial<Settings> & { name?: string } = {}) {
    super(config as ConstructorParameters<typeof layers.Layer>[0]);
    this.settings = schema.parse({ ratio: config.ratio, size: config.size, seed: config.seed });
    this.draws = new Draws(this.settings.seed);
  }

  private side(length: number): number {
    return Math.max(1, Math.min(length - this.settings.size + 1, Math.floor(length * this.settings.ratio)));
  }

  override computeOutputShape([batch, height, width, channels]: (number | null)[]): (number | null)[] {
    return [batch!, height === null ? null : this.side(height!), width === null ? null : this.side(width!), channels!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training = false }: CallArguments): tf.Tensor {
    return tf.tidy(() => {
      const x = only(inputs) as tf.Tensor4D;
      // At inference the regions are those of the middle of the range.
      const [row, column] = training ? tf.randomUniform([2], 0, 1, 'float32', this.draws.next()).dataSync<'float32'>() : [0.5, 0.5];
      const { size } = this.settings;
      return fractionalMaxPool(x, size, regionStarts(x.shape[1], this.side(x.shape[1]), size, row!), regionStarts(x.shape[2], this.side(x.shape[2]), size, column!));
    });
  }

  override getConfig() {
    return { ...super.getConfig(), ...this.settings };
  }
}
tf.serialization.registerClass(FractionalMaxPooling);

/**
 * First pixels of the regions along one side: floor((i + u) a) - floor(u a), a = (length - size) / (regions - 1); the last
 * ends at the edge.
 * @param u 0..1, drawn
 */
export function regionStarts(length: number, regions: number, size: number, u: number): number[] {
  const step = regions > 1 ? (length - size) / (regions - 1) : 0;
  return Array.from({ length: regions }, (_, index) => (index === regions - 1 ? length - size : Math.floor((index + u) * step) - Math.floor(u * step)));
}

/**
 * The largest value of each region of size x size pixels. Rows and columns are picked out by products with matrices of zeros
 * and ones, and compared two by two: all backends have the gradients of these.
 */
export function fractionalMaxPool(x: tf.Tensor4D, size: number, rows: readonly number[], columns: readonly number[]): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const pick = (starts: readonly number[], offset: number, length: number) =>
    tf.cast(tf.oneHot(tf.tensor1d(starts.map((start) => start + offset), 'int32'), length), 'float32') as tf.Tensor2D;
  const largest = (parts: tf.Tensor[]) => parts.reduce((one, other) => tf.maximum(one, other));
  const offsets = Array.from({ length: size }, (_, offset) => offset);
  const flat = tf.reshape(tf.transpose(x, [1, 0, 2, 3]), [height, batch * width * channels]);
  const pooledRows = largest(offsets.map((offset) => tf.matMul(pick(rows, offset, height), flat)));
  const turned = tf.reshape(tf.transpose(tf.reshape(pooledRows, [rows.length, batch, width, channels]), [2, 0, 1, 3]), [width, rows.length * batch * channels]);
  const pooled = largest(offsets.map((offset) => tf.matMul(pick(columns, offset, width), turned as tf.Tensor2D)));
  return tf.transpose(tf.reshape(pooled, [columns.length, rows.length, batch, channels]), [2, 1, 0, 3]) as tf.Tensor4D;
}

/**
 * Max pooling that shrinks by less than two: overlapping regions of size x size pixels whose first pixels are
 * floor((i + u) a) - floor(u a), u even in 0..1, drawn at each training step for rows and for columns.
 *
 * Source: Graham 2014, "Fractional max-pooling" (its pseudorandom, overlapping kind); regions as in `torch.nn.FractionalMaxPool2d`,
 * which draws u for each image and channel, where one draw serves the batch here.
 */
@layer({
  name: 'fractional-max-pooling',
  summary: 'Max pooling over random regions that shrinks by less than two',
  reference: 'Graham 2014, Fractional max-pooling',
  options: schema,
})
export class FractionalMaxPoolingContribution implements Layer {
  @options() readonly options!: Settings;

  create(name?: string): layers.Layer {
    return new FractionalMaxPooling({ ...this.options, ...(name !== undefined && { name }) });
  }
}
