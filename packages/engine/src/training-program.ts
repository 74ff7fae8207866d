import { failure, type LossAndGradients, type TrainingOptions, type TrainingProgram } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { disposeBlocks, joinBlocks, prepareBlocks, type TrainingCall } from './blocks.js';
import { forwardInTraining } from './forward.js';
import type { Kernels } from './kernels.js';
import { isBatchNormalization, moveStatistics, type BatchStatistics } from './layers/batch-normalization.js';
import { flatten, type FlatNetwork } from './network/flat-network.js';

/** Weights of the layers of a network that never train by gradient. */
const statistics = new Set(['moving_mean', 'moving_variance']);

/** The weights that train, by their names in the model. @throws CultivarError ENGINE_UNSUPPORTED where two have one name */
export function collectParameters(network: FlatNetwork, options: TrainingOptions, engine: string): Record<string, tf.Variable> {
  const parameters: Record<string, tf.Variable> = {};
  for (const layer of new Set(network.calls.map((call) => call.layer))) {
    const frozen = isBatchNormalization(layer) && options.batchNorm === 'frozen';
    for (const weight of frozen ? [] : layer.weights) {
      if (statistics.has(weight.originalName.split('/').at(-1)!)) continue;
      // The name in the model's file: `name` is made unique in the process and differs between two loads of one file.
      const name = weight.originalName;
      if (parameters[name]) throw failure('ENGINE_UNSUPPORTED', { engine, layer: layer.name, type: layer.getClassName(), reason: `two weights are called ${name}` });
      parameters[name] = weight.read() as tf.Variable;
    }
  }
  return parameters;
}

/** What tfjs has saved for the way back stays behind when the loss throws: nobody else frees it. */
export function forgetTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0 || !state.activeTape) return;
  for (const { saved } of state.activeTape) tf.dispose(saved ?? []);
  state.activeTape = null as unknown as typeof state.activeTape;
}

/** A suffix trained on the active tfjs backend; its weights are the model's own variables. */
export class NetworkTraining implements TrainingProgram {
  readonly parameters: Readonly<Record<string, tf.Variable>>;
  private readonly network: FlatNetwork;
  private readonly calls: readonly TrainingCall[];

  /** @throws CultivarError ENGINE_UNSUPPORTED */
  constructor(suffix: LayersModel, private readonly options: TrainingOptions, private readonly kernels: Kernels) {
    this.network = flatten(suffix, kernels.engine);
    this.parameters = collectParameters(this.network, options, kernels.engine);
    const trained = new Set(Object.values(this.parameters));
    this.calls = joinBlocks(this.network, (layer) => layer.weights.some((weight) => trained.has(weight.read() as tf.Variable)), options.batchNorm, kernels.chain?.());
    prepareBlocks(this.calls);
  }

  async lossAndGradients(input: tf.Tensor, loss: (features: tf.Tensor) => tf.Scalar, variables: tf.Variable[]): Promise<LossAndGradients> {
    const names = [...Object.keys(this.parameters), ...variables.map(({ name }) => name)];
    const weights: tf.Tensor[] = [...Object.values(this.parameters), ...variables];
    const seen: BatchStatistics[] = [];
    const moving = this.options.batchNorm === 'train' ? seen : undefined;
    try {
      // Not tf.variableGrads: that passes over variables which a file marks as not trainable.
      const { value, grads } = tf.tidy(() => {
        const result = tf.engine().gradients(() => loss(forwardInTraining(this.calls, this.network, input, moving, this.kernels)), weights, undefined, true);
        return { value: result.value, grads: weights.map((weight, index) => result.grads[index] ?? tf.zerosLike(weight)) };
      });
      const [number] = await value.data();
      value.dispose();
      moveStatistics(seen, this.options.batchNormMomentum);
      return { loss: number!, gradients: Object.fromEntries(names.map((name, index) => [name, grads[index]!])) };
    } catch (error) {
      forgetTape();
      throw error;
    } finally {
      for (const { mean, variance } of seen.splice(0)) tf.dispose([mean, variance]);
    }
  }

  async dispose(): Promise<void> {
    disposeBlocks(this.calls);
  }
}
