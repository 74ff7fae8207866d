import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, model as makeModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { growTensors } from './network/build-model.js';
import { flatten, imageName, type LayerNode } from './network/layer-graph.js';

export interface JoinOptions {
  /** Weight of each model's word; they sum to 1. */
  shares: readonly number[];
  /**
   * `average`: the probabilities are averaged. `vote`: each model names one class, and the shares of those that name it
   * are its probability; the last layer is sharpened, softmax(2^20 z), so that plain layers do it.
   */
  rule: 'average' | 'vote';
  labels: string[];
}

/** A power of two: it changes no digit of the weights. */
const sharpening = 2 ** 20;

/**
 * One classifier made of several of the same classes and input: image [null, size, size, 3] -> sum_m share_m p_m(image) [null, K].
 * What the models have in common, from the image on, layer for layer and weight for weight, is there only once: heads on one frozen
 * backbone cost one pass of it. Plain tfjs layers. The model owns its weights (copies).
 * @param models at least one, each ending in a softmax layer
 * @throws Error (in words) if they do not read the same image size
 */
export function joinClassifiers(models: readonly LayersModel[], { shares, rule, labels }: JoinOptions): LayersModel {
  const { nodes, outputs, inputShape } = mergeGraphs(models);
  const tensors = growTensors({ nodes, from: imageName, inputShape, weights: 'own' });
  const probabilities = outputs.map((name) => tensors.get(name)!);
  if (rule === 'vote') for (const layer of new Set(probabilities.map(({ sourceLayer }) => sourceLayer))) sharpen(layer);
  const classes = labels.length;
  const joined = probabilities.length === 1 ? probabilities[0]! : layers.concatenate({ name: 'members' }).apply(probabilities) as SymbolicTensor;
  const combination = layers.dense({ name: 'combination', units: classes, useBias: false, kernelInitializer: 'zeros' });
  const output = combination.apply(joined) as SymbolicTensor;
  tf.tidy(() => {
    const kernel = new Float32Array(outputs.length * classes * classes);
    shares.forEach((share, member) => {
      for (let k = 0; k < classes; k += 1) kernel[(member * classes + k) * classes + k] = share;
    });
    combination.setWeights([tf.tensor2d(kernel, [outputs.length * classes, classes])]);
  });
  const model = makeModel({ inputs: tensors.get(imageName)!, outputs: output, name: 'ensemble' });
  model.setUserDefinedMetadata({ labels });
  return model;
}

/** The models' layers in one list; a layer of the same class, settings, weights and inputs as one before it is that one. */
function mergeGraphs(models: readonly LayersModel[]): { nodes: LayerNode[]; outputs: string[]; inputShape: (number | null)[] } {
  const nodes: LayerNode[] = [];
  const seen = new Map<string, string>();
  const used = new Set<string>();
  let inputShape: (number | null)[] | undefined;
  const outputs = models.map((model, member) => {
    const graph = flatten(model);
    inputShape ??= graph.inputShape;
    if (graph.inputShape.join() !== inputShape.join()) throw new Error(`one model reads images of ${inputShape.join(' x ')}, another of ${graph.inputShape.join(' x ')}`);
    const known = new Map([[imageName, imageName]]);
    for (const node of graph.nodes) {
      const inputs = node.inputs.map((name) => known.get(name)!);
      const key = identity(node, inputs);
      let name = seen.get(key);
      if (name === undefined) {
        name = used.has(node.name) ? `${node.name}-member-${member + 1}` : node.name;
        used.add(name);
        seen.set(key, name);
        nodes.push({ ...node, name, inputs });
      }
      known.set(node.name, name);
    }
    return known.get(graph.output)!;
  });
  return { nodes, outputs, inputShape: inputShape ?? [] };
}

function identity({ layer, shape }: LayerNode, inputs: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([layer.getClassName(), { ...layer.getConfig(), name: '', trainable: true }, shape, inputs]));
  for (const weight of layer.weights) hash.update(Buffer.from(Float32Array.from(weight.read().dataSync()).buffer));
  return hash.digest('hex');
}

function sharpen(layer: layers.Layer): void {
  tf.tidy(() => layer.setWeights(layer.getWeights().map((weight) => tf.mul(weight, sharpening))));
}
