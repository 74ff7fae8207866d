import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Conversion, Operator, Value } from '../conversion.js';
import type { GraphNode } from '../graph-def.js';

type Layer = layers.Layer;

/** TensorFlow's activations and the layers that compute them. */
const activations: Record<string, (node: GraphNode, name: string) => Layer> = {
  Relu: (_, name) => layers.activation({ name, activation: 'relu' }),
  Relu6: (_, name) => layers.activation({ name, activation: 'relu6' }),
  LeakyRelu: (node, name) => layers.leakyReLU({ name, alpha: node.attributes.number('alpha') ?? node.attributes.number('leakyrelu_alpha') ?? 0.2 }),
  Elu: (_, name) => layers.activation({ name, activation: 'elu' }),
  Selu: (_, name) => layers.activation({ name, activation: 'selu' }),
  Sigmoid: (_, name) => layers.activation({ name, activation: 'sigmoid' }),
  Tanh: (_, name) => layers.activation({ name, activation: 'tanh' }),
  Softplus: (_, name) => layers.activation({ name, activation: 'softplus' }),
  Softmax: (_, name) => layers.activation({ name, activation: 'softmax' }),
};

export const activationNames = Object.keys(activations);

/** Puts an activation behind a value that is not in the graph by itself (joined with its node). */
export function activate(name: string, node: GraphNode, conversion: Conversion, value: Value): Value {
  const make = activations[name];
  if (!make) throw conversion.unsupported(node, `with ${name}`);
  const inside = `${node.name}:inside`;
  conversion.set(inside, value);
  const tensor: SymbolicTensor = conversion.asTensor(node, inside);
  return conversion.layer(make(node, conversion.name(node, `_${name.toLowerCase()}`)), tensor);
}

export const activation: Operator = (node, conversion) => conversion.layer(activations[node.op]!(node, conversion.name(node)), conversion.tensor(node, 0));
