import { failure, type Stage } from '@cultivar/sdk';
import { layers, model as makeModel, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { buildModel, growTensors } from './network/build-model.js';
import { between, flatten, imageName } from './network/layer-graph.js';
import type { PreparedBackbone } from './prepare.js';

/**
 * Views of a backbone: models of their own whose layers hold the very variables of `prepared.model`. What changes in
 * one changes in all. They own nothing: their `dispose` does nothing, disposing `prepared.model` ends them. Made once
 * for each stage and kept, so asking again costs nothing.
 */
const views = new WeakMap<LayersModel, Map<string, LayersModel>>();

function view(prepared: PreparedBackbone, key: string, make: () => LayersModel): LayersModel {
  const kept = views.get(prepared.model) ?? new Map<string, LayersModel>();
  views.set(prepared.model, kept);
  let model = kept.get(key);
  if (!model) {
    model = make();
    model.dispose = () => ({ refCountAfterDispose: 1, numDisposedVariables: 0 });
    kept.set(key, model);
  }
  return model;
}

/** @throws CultivarError STAGE_UNKNOWN */
export function findStage(prepared: PreparedBackbone, stage: string): Stage {
  const found = prepared.stages.find(({ name }) => name === stage);
  if (!found) throw failure('STAGE_UNKNOWN', { stage, backbone: prepared.name, known: prepared.stages.map(({ name }) => name).join(', ') });
  return found;
}

/**
 * From the image to the output of `stage`: the frozen part when everything behind `stage` trains.
 * @throws CultivarError STAGE_UNKNOWN
 */
export function prefixModel(prepared: PreparedBackbone, stage: string): LayersModel {
  const { output } = findStage(prepared, stage);
  return view(prepared, `prefix ${stage}`, () => {
    const graph = flatten(prepared.model);
    return buildModel({
      name: `${prepared.model.name}-to-${stage}`,
      nodes: between(graph, imageName, output),
      from: imageName,
      inputShape: graph.inputShape,
      weights: 'shared',
    }, output);
  });
}

/**
 * From what `fromStage` reads (the image for the first stage) to the top features: the part that trains.
 * @throws CultivarError STAGE_UNKNOWN
 */
export function suffixModel(prepared: PreparedBackbone, fromStage: string): LayersModel {
  const { index } = findStage(prepared, fromStage);
  return view(prepared, `suffix ${fromStage}`, () => {
    const graph = flatten(prepared.model);
    const before = prepared.stages[index - 1];
    const from = before?.output ?? imageName;
    return buildModel({
      name: `${prepared.model.name}-from-${fromStage}`,
      nodes: between(graph, from, graph.output),
      from,
      inputShape: before?.outputShape ?? graph.inputShape,
      weights: 'shared',
    }, graph.output);
  });
}

/**
 * The suffix as a classifier on several stages reads it: from what `fromStage` reads to the outputs of `features`, each averaged
 * over height and width, joined in their order: [B, F].
 * @param features stages of the suffix, `fromStage` or later, at least one
 * @throws CultivarError STAGE_UNKNOWN
 */
export function pooledSuffixModel(prepared: PreparedBackbone, fromStage: string, features: readonly string[]): LayersModel {
  const { index } = findStage(prepared, fromStage);
  const ends = features.map((name) => findStage(prepared, name));
  return view(prepared, `suffix ${fromStage} pooled ${features.join()}`, () => {
    const graph = flatten(prepared.model);
    const before = prepared.stages[index - 1];
    const from = before?.output ?? imageName;
    const last = ends.reduce((one, other) => (other.index > one.index ? other : one));
    const tensors = growTensors({ nodes: between(graph, from, last.output), from, inputShape: before?.outputShape ?? graph.inputShape, weights: 'shared' });
    const pooled = ends.map(({ name, output }) => {
      const tensor = tensors.get(output)!;
      return tensor.rank === 2 ? tensor : layers.globalAveragePooling2d({ name: `pool-${name}` }).apply(tensor) as SymbolicTensor;
    });
    const joined = pooled.length === 1 ? pooled[0]! : layers.concatenate({ name: 'features' }).apply(pooled) as SymbolicTensor;
    return makeModel({ inputs: tensors.get(from)!, outputs: joined, name: `${prepared.model.name}-pooled-from-${fromStage}` });
  });
}
