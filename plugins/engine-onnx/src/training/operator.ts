import type { LayerConfig } from '../operators/operator.js';
import type { Affine } from '../lowering/value.js';
import type { Tape } from './tape.js';
import type { Traced } from './traced.js';

/** A trainable weight of a layer, in tfjs's shape. */
export interface Parameter {
  /** Its tensor in the graph. */
  name: string;
  shape: number[];
  /** Hands over its gradient, in its own shape; several are added up. */
  gradient(name: string): void;
}

/** Zeros around an image. */
export interface Pads {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** One use of a layer, as its operator sees it. */
export interface TrainingCall {
  /** Name and class of the layer. */
  name: string;
  type: string;
  config: LayerConfig;
  inputs: Traced[];
  /** tfjs shape of the output. */
  shape: (number | null)[];
  /** Whether the gradient of an input is of use. */
  inputTrains: boolean;
  /** The layer's trainable weight of that name; undefined where it has none. */
  parameter(name: string): Parameter | undefined;
  /** Like parameter(), for one that must be there. */
  required(name: string): Parameter;
  /** Numbers of a weight that does not train, as they were when the program was made. */
  frozen(name: string): Float32Array | undefined;
  /** What is done right behind a convolution: a frozen batch-norm, a rectifier. */
  block?: { affine?: Affine; activation: string };
  /** What is done right behind a batch-norm that trains: a rectifier. */
  activation?: string;
  /** Whether what stands before takes a gradient that is still to be scaled. */
  scalesGradient?: boolean;
  /** Zeros put around the input before a convolution. */
  pads?: Pads;
  /** What a convolution takes off its output, channel by channel, for the sake of the batch-norm behind it: [C]. */
  lowered?: string;
  batchNorm: 'frozen' | 'train';
  /** Hands over the statistics of the batch, [C] each; the variance is the biased one. */
  statistics(mean: string, variance: string): void;
  /** @returns CultivarError ENGINE_UNSUPPORTED with the name of the layer, to be thrown */
  unsupported(reason: string): Error;
}

/** What an operator has done on the way forward, and how the gradient goes back through it. */
export interface Recorded {
  output: Traced;
  /**
   * Writes the nodes of the gradient: hands that of each weight to its parameter.
   * @returns the gradients of the inputs, in their order; undefined where there is none, or none is asked for
   */
  backward(gradient: Traced): (Traced | undefined)[];
}

/** How a family of layers trains. A new one is a new file, and a line in the registry. */
export interface TrainingOperator {
  /** Class names of the layers. */
  readonly layers: readonly string[];
  forward(call: TrainingCall, tape: Tape): Recorded;
}
