import type { Layer } from '@cultivar/engine';
import type { Weight } from '../lowering/call.js';
import type { LoweringContext } from '../lowering/context.js';
import type { Value } from '../lowering/value.js';

/** One use of a layer, as its operator sees it. */
export interface OperatorCall {
  /** Name and class of the layer. */
  name: string;
  type: string;
  /** `layer.getConfig()`. */
  config: LayerConfig;
  layer: Layer;
  inputs: Value[];
  /** tfjs shape of the output. */
  shape: (number | null)[];
  /** The layer's weight of that name (`kernel`, `bias`, `gamma`...), row-major in tfjs's order; undefined where it has none. */
  weight(name: string): Weight | undefined;
  /** Like weight(), for one that must be there. */
  required(name: string): Weight;
  /** @returns CultivarError ENGINE_UNSUPPORTED with the name of the layer, to be thrown */
  unsupported(reason: string): Error;
}

/** A layer's configuration, read with a check of its type. */
export interface LayerConfig {
  readonly raw: Readonly<Record<string, unknown>>;
  number(key: string): number | undefined;
  text(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  /** One number, or a list of `length`: always a list. */
  numbers(key: string, length: number): number[] | undefined;
}

/**
 * How a family of layers is computed in ONNX. The gradient of a family will stand beside its forward here.
 */
export interface Operator {
  /** Class names of the layers. */
  readonly layers: readonly string[];
  /** Adds the layer's nodes to the graph. @returns its output */
  forward(call: OperatorCall, context: LoweringContext): Value;
}
