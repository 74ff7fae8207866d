import { type TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, model as makeModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { growTensors } from './network/build-model.js';
import { between, flatten, imageName } from './network/layer-graph.js';
import type { PreparedBackbone } from './prepare.js';
import { findStage } from './views.js';

export interface ClassifierParts {
  /** Stages whose outputs are averaged over height and width and joined, in this order. */
  features: string[];
  /** [F, K]; F is the sum of the stages' channels. */
  kernel: TensorData;
  /** [K] */
  bias: TensorData;
  labels: string[];
}

/**
 * Grafts a solved head onto the backbone: normalised image [null, size, size, 3] -> softmax over the labels [null, K].
 * Plain tfjs layers, no preprocessing inside; the last layer is `head`. The labels are kept as the model's metadata.
 * The model owns its weights (copies of the present values), so disposing either leaves the other whole.
 * @throws CultivarError STAGE_UNKNOWN
 */
export function assembleClassifier(prepared: PreparedBackbone, parts: ClassifierParts): LayersModel {
  const stages = parts.features.map((name) => findStage(prepared, name));
  const graph = flatten(prepared.model);
  const last = stages.reduce((a, b) => (b.index > a.index ? b : a));
  const tensors = growTensors({ nodes: between(graph, imageName, last.output), from: imageName, inputShape: graph.inputShape, weights: 'own' });

  const pooled = stages.map((stage) => {
    const output = tensors.get(stage.output)!;
    if (output.rank === 2) return output;
    return layers.globalAveragePooling2d({ name: `pool-${stage.name}` }).apply(output) as SymbolicTensor;
  });
  const joined = pooled.length === 1 ? pooled[0]! : layers.concatenate({ name: 'features' }).apply(pooled) as SymbolicTensor;
  const head = layers.dense({ name: 'head', units: parts.labels.length, activation: 'softmax', kernelInitializer: 'zeros' });
  const output = head.apply(joined) as SymbolicTensor;
  tf.tidy(() => {
    head.setWeights([tf.tensor(parts.kernel.data, parts.kernel.shape), tf.tensor(parts.bias.data, parts.bias.shape)]);
  });
  const classifier = makeModel({ inputs: tensors.get(imageName)!, outputs: output, name: `${prepared.model.name}-classifier` });
  classifier.setUserDefinedMetadata({ labels: parts.labels });
  return classifier;
}
