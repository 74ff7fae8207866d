import type { Scalar, Tensor, Tensor1D, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Normalisation } from './backbone.js';

/** Numbers outside any tfjs backend. Row-major. */
export interface TensorData<A extends Uint8Array | Float32Array = Float32Array> {
  data: A;
  shape: number[];
}

export interface Availability {
  ok: boolean;
  /** Why not, and what to do; or what it runs on (version, backend, threads). */
  reasons: string[];
}

export interface InferenceOptions {
  /**
   * Given where the model's input is an image: batches are then uint8 0..255 or float 0..1, [B, H, W, 3], RGB,
   * and the engine normalises. Absent: batches are fed as they are.
   */
  normalisation?: Normalisation;
  /**
   * What to compute, each the output of a layer of the model; with `pool: 'average'`, spatial outputs [B,H,W,C] are
   * averaged to [B,C] (outputs that are [B,C] already stay). Absent: the model's own output.
   */
  outputs?: { layer: string; pool?: 'average' }[];
}

/** A network ready to run; the weights are those at the time it was made. */
export interface InferenceProgram {
  /** One batch of any size >= 1. Results in the order of the outputs asked for. Calls may overlap. */
  run(batch: TensorData<Uint8Array> | TensorData<Float32Array>): Promise<TensorData[]>;
  dispose(): Promise<void>;
}

export interface TrainingOptions {
  /**
   * `frozen`: batch-norm layers are in inference mode: neither statistics nor scale nor offset move.
   * `train`: they use the batch, move their statistics, and scale and offset get gradients.
   */
  batchNorm: 'frozen' | 'train';
  /** Momentum of the moving statistics while they train, 0..1; the file's own when absent. */
  batchNormMomentum?: number;
  /**
   * The caller takes the gradients of the suffix's own weights as one tensor, too, see `LossAndGradients.joined`: an elementwise
   * optimizer wants them so. An engine may ignore it. Absent: each weight's gradient is a tensor of its own.
   */
  joinedGradients?: boolean;
}

/** Gradients of many weights, one behind the other. */
export interface JoinedGradients {
  /** Of the weights, in the order of their gradients. */
  names: readonly string[];
  /** Each gradient row-major, as large as its weight, without gaps. */
  values: Tensor1D;
}

export interface LossAndGradients {
  loss: number;
  /** By weight name (`variables` and the suffix's own, but for those that are `joined`); the caller disposes. */
  gradients: Record<string, Tensor>;
  /** In place of tensors of their own in `gradients`; only where `joinedGradients` was asked for. The caller disposes `values`. */
  joined?: JoinedGradients;
}

/** A suffix that is being trained. Its weights are the LayersModel's own variables: the caller updates them in place. */
export interface TrainingProgram {
  /** Trainable weights by their name in the model. */
  readonly parameters: Readonly<Record<string, Variable>>;
  /**
   * Forward, loss, backward, for one batch.
   * @param input what the suffix reads, [B, ...]: prefix output, or normalised images when the suffix is the whole network
   * @param loss from the suffix's output to a scalar, in plain tfjs; may use `variables` (the head's weights)
   * @param variables further weights that `loss` depends on; their gradients are returned by their `name`
   */
  lossAndGradients(input: Tensor, loss: (features: Tensor) => Scalar, variables: Variable[]): Promise<LossAndGradients>;
  dispose(): Promise<void>;
}

/** Computes a network: prefix inference, and loss and gradients of a suffix. */
export interface Engine {
  /** Cheap; loads what it needs and says whether it works here. */
  available(): Promise<Availability>;
  /** @throws CultivarError ENGINE_UNSUPPORTED naming the layer it cannot express */
  inference(model: LayersModel, options: InferenceOptions): Promise<InferenceProgram>;
  /** Makes the tfjs backend active on which head, loss and optimizer run while it trains; augmentations then run there as well. Absent: the active one will do. */
  activate?(): Promise<void>;
  /** Absent: the engine cannot train. @throws CultivarError ENGINE_UNSUPPORTED naming the layer it cannot express */
  training?(suffix: LayersModel, options: TrainingOptions): Promise<TrainingProgram>;
}
export const Engine = Symbol.for('cultivar:Engine');
