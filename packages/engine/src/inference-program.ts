import type { InferenceOptions, InferenceProgram, Normalisation, TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { disposeBlocks, joinBlocks, prepareBlocks, type TrainingCall } from './blocks.js';
import { forwardSparingly } from './forward.js';
import type { Kernels } from './kernels.js';
import { flatten, type FlatNetwork } from './network/flat-network.js';
import { FrozenWeights } from './weights.js';

type Batch = TensorData<Uint8Array> | TensorData<Float32Array>;

/** (x - mean) / std for each channel, in the order that the network wants. */
function normalise(x: tf.Tensor, { mean, std, channels }: Normalisation, range: number): tf.Tensor {
  const ordered = channels === 'bgr' ? tf.reverse(x, [-1]) : x;
  const scale = std.map((value) => 1 / (range * value));
  const shift = mean.map((value, channel) => -value / std[channel]!);
  return tf.add(tf.mul(ordered, tf.tensor1d(scale)), tf.tensor1d(shift));
}

/** A LayersModel run on the active tfjs backend, batch-norm folded into the convolutions. */
export class NetworkInference implements InferenceProgram {
  private readonly network: FlatNetwork;
  private readonly calls: readonly TrainingCall[];
  private readonly weights: FrozenWeights;
  private disposed = false;

  /** @throws CultivarError ENGINE_UNSUPPORTED when an output that is asked for is not there */
  constructor(model: LayersModel, private readonly options: InferenceOptions, private readonly kernels: Kernels) {
    this.network = flatten(model, kernels.engine, options.outputs?.map(({ layer }) => layer));
    this.calls = joinBlocks(this.network, () => false, 'frozen');
    prepareBlocks(this.calls);
    this.weights = new FrozenWeights(this.network);
  }

  private read({ data, shape }: Batch): tf.Tensor {
    return tf.tidy(() => {
      const bytes = data instanceof Uint8Array;
      // As floats at once: a tensor of bytes would be one of int32 first.
      const x = tf.tensor(bytes ? new Float32Array(data) : data, shape, 'float32');
      return this.options.normalisation ? normalise(x, this.options.normalisation, bytes ? 255 : 1) : x;
    });
  }

  async run(batch: Batch): Promise<TensorData[]> {
    if (this.disposed) throw new Error('this program is disposed');
    // The computation holds the thread: let others (signals, progress, decoding) have a turn between batches.
    await tf.nextFrame();
    const outputs = this.weights.during(() => tf.tidy(() => {
      const results = forwardSparingly(this.calls, this.network, this.read(batch), this.kernels);
      return results.map((result, index) => (this.options.outputs?.[index]?.pool === 'average' && result.rank === 4 ? tf.mean(result, [1, 2]) : result));
    }));
    try {
      return await Promise.all(outputs.map(async (output) => ({ data: (await output.data<'float32'>()).slice(), shape: [...output.shape] })));
    } finally {
      tf.dispose(outputs);
    }
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    disposeBlocks(this.calls);
    this.weights.dispose();
  }
}
