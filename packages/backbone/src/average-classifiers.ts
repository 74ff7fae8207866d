import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildModel } from './network/build-model.js';
import { flatten, imageName } from './network/layer-graph.js';

/**
 * A classifier whose every weight is the mean of those of several: a uniform soup. It costs what one of them costs.
 * Source: Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing inference time".
 * @param models of the same layers; at least one. The result owns its weights
 * @throws Error (in words) if their weights differ in number or shape
 */
export function averageClassifiers(models: readonly LayersModel[]): LayersModel {
  const [first] = models;
  if (!first) throw new Error('there is no model to average');
  for (const model of models) {
    const same = model.weights.length === first.weights.length && model.weights.every(({ shape }, index) => shape.join() === first.weights[index]!.shape.join());
    if (!same) throw new Error('the models have different layers, so their weights have no mean');
  }
  const graph = flatten(first);
  const soup = buildModel({ name: first.name, nodes: graph.nodes, from: imageName, inputShape: graph.inputShape, weights: 'own' }, graph.output);
  tf.tidy(() => soup.setWeights(first.weights.map((_, index) => {
    const all = models.map((model) => model.weights[index]!.read());
    return tf.div(all.reduce((sum, weight) => tf.add(sum, weight)), all.length);
  })));
  const metadata = first.getUserDefinedMetadata();
  if (metadata) soup.setUserDefinedMetadata(metadata);
  return soup;
}
