import { failure, type FeatureStatistics, isCultivarError, type LoadedBackbone, type Preprocessing, type Stage } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { disposeModel } from './network/dispose-model.js';
import { buildModel } from './network/build-model.js';
import { topFeatures } from './network/classifier-cut.js';
import { between, flatten, imageName, type LayerGraph } from './network/layer-graph.js';
import { describeStages, findCuts } from './stages.js';

/** A headless network with named stages, ready for training. Its `model` owns the weights; disposing it frees them. */
export interface PreparedBackbone {
  name: string;
  /** Image [null, size, size, 3], normalised, to top features [null, h, w, c]. One flat functional graph. */
  model: LayersModel;
  stages: Stage[];
  input: Preprocessing;
  statistics?: FeatureStatistics;
  licence: string;
  source: string;
  sha256: string;
}

/**
 * Cuts the classifier away, dissolves nested models and finds the stages.
 * Takes the loaded model over: it is disposed, and the prepared one has its weights.
 * @throws CultivarError BACKBONE_STAGES, BACKBONE_FORMAT
 */
export function prepareBackbone(loaded: LoadedBackbone, name: string): PreparedBackbone {
  try {
    return attempt(loaded.source, () => prepare(loaded, name));
  } finally {
    disposeModel(loaded.model);
  }
}

function prepare(loaded: LoadedBackbone, name: string): PreparedBackbone {
  const whole = attempt(loaded.source, () => flatten(loaded.model));
  const top = topFeatures(whole);
  if (top === undefined || top === imageName) throw failure('BACKBONE_STAGES', { name });
  const { size } = loaded.input;
  const model = attempt(loaded.source, () => buildModel({
    name: name.replace(/[^\w.-]+/g, '-'),
    nodes: between(whole, imageName, top),
    from: imageName,
    inputShape: [size, size, whole.inputShape[2] ?? 3],
    weights: 'own',
  }, top));
  try {
    const graph = flatten(model);
    const stages = attempt(loaded.source, () => describeStages(graph, usableCuts(loaded, graph)));
    if (stages.length === 0 || stages.some((stage) => stage.outputShape.some((side) => side < 1))) throw failure('BACKBONE_STAGES', { name });
    const { input, licence, source, sha256 } = loaded;
    // Statistics of other features, as after a cut further down, say nothing about these.
    const statistics = loaded.statistics?.mean.length === stages.at(-1)!.outputShape.at(-1) ? loaded.statistics : undefined;
    return { name, model, stages, input, statistics, licence, source, sha256 };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** The backbone's own cuts up to the top, closed by the top itself; or those found. */
function usableCuts(loaded: LoadedBackbone, graph: LayerGraph) {
  if (!loaded.stages) return findCuts(graph);
  const present = new Set(graph.nodes.map((node) => node.name));
  const own = loaded.stages.filter((cut) => present.has(cut.output));
  return own.at(-1)?.output === graph.output ? own : [...own, { name: 'top', output: graph.output }];
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isCultivarError(error)) throw error;
    throw failure('BACKBONE_FORMAT', { path, reason: error instanceof Error ? error.message : String(error) }, error);
  }
}
