import type { Layer } from '@cultivar/engine';
import { failure } from '@cultivar/sdk';
import type { LayerConfig, OperatorCall } from '../operators/operator.js';
import type { Value } from './value.js';

export interface Weight {
  data: Float32Array;
  shape: number[];
}

/** By layer id, then by the weight's own name. */
export type CapturedWeights = ReadonlyMap<number, ReadonlyMap<string, Weight>>;

/** Weights as they are now. Variables are named <layer>/<weight>. */
export function captureWeights(layers: Iterable<Layer>): CapturedWeights {
  const captured = new Map<number, ReadonlyMap<string, Weight>>();
  for (const layer of new Set(layers)) {
    captured.set(layer.id, new Map(layer.weights.map((variable) => {
      const tensor = variable.read();
      return [variable.originalName.split('/').at(-1)!, { data: tensor.dataSync<'float32'>(), shape: tensor.shape as number[] }];
    })));
  }
  return captured;
}

/** Reads what an operator needs of a layer: configuration, weights, the shape it makes of its inputs. */
export function describeCall(layer: Layer, inputs: Value[], weights: CapturedWeights): OperatorCall {
  const type = layer.getClassName();
  const unsupported = (reason: string) => failure('ENGINE_UNSUPPORTED', { engine: 'onnx', layer: layer.name, type, reason });
  const weight = (name: string) => weights.get(layer.id)?.get(name);
  const required = (name: string) => {
    const found = weight(name);
    if (!found) throw unsupported(`it has no weight ${name}`);
    return found;
  };
  const shapes = inputs.map(({ shape }) => shape);
  const made = layer.computeOutputShape(shapes.length === 1 ? shapes[0]! : shapes);
  const shape = (Array.isArray(made[0]) ? made[0] : made) as (number | null)[];
  return { name: layer.name, type, config: readConfig(layer.getConfig()), layer, inputs, shape: [null, ...shape.slice(1)], weight, required, unsupported };
}

function readConfig(raw: Readonly<Record<string, unknown>>): LayerConfig {
  return {
    raw,
    number: (key) => (typeof raw[key] === 'number' ? raw[key] : undefined),
    text: (key) => (typeof raw[key] === 'string' ? raw[key] : undefined),
    flag: (key) => (typeof raw[key] === 'boolean' ? raw[key] : undefined),
    numbers: (key, length) => {
      const value = raw[key];
      if (typeof value === 'number') return Array.from({ length }, () => value);
      return Array.isArray(value) && value.length === length && value.every((entry) => typeof entry === 'number') ? value : undefined;
    },
  };
}
