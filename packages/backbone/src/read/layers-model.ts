import { failure } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, models } from '@tensorflow/tfjs-layers';
import { disposeModel } from '../network/dispose-model.js';
import { checkNetwork } from './check-network.js';
import { checkedTopology, type Topology } from './check-topology.js';
import { decodeWeights } from './decode-weights.js';
import { isKeras3, toKeras2 } from './keras-3.js';
import type { ModelFiles } from './model-files.js';

/**
 * Makes the network of LayersModel files, weights included (quantised ones are expanded by tfjs).
 * @param size height and width in pixels for an input that the file leaves open
 * @throws CultivarError BACKBONE_FORMAT
 */
export async function loadLayersFiles(files: ModelFiles, size?: number): Promise<LayersModel> {
  try {
    const topology = isKeras3(files.modelTopology) ? toKeras2(files.modelTopology) : files.modelTopology;
    const network = checkedTopology(topology);
    const held = files.weightSpecs.reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
    const { model, made } = await build(forLoading(network, size), held);
    let weights: Record<string, tf.Tensor> = {};
    try {
      checkNetwork(model);
      weights = decodeWeights(files);
      model.loadWeights(namedAsInModel(model, weights));
    } catch (error) {
      disposeModel(model);
      // Layers that do not lead to an output have weights, too.
      for (const variable of made) if (!variable.isDisposed) variable.dispose();
      throw error;
    } finally {
      tf.dispose(weights);
    }
    return model;
  } catch (error) {
    throw failure('BACKBONE_FORMAT', { path: files.location, reason: error instanceof Error ? error.message : String(error) }, error);
  }
}

/**
 * Some files put the name of the network before those of its weights, and Keras 3 calls the kernel of a depthwise
 * convolution `kernel`: such weights get the names that the model's own have.
 */
function namedAsInModel(model: LayersModel, weights: Record<string, tf.Tensor>): Record<string, tf.Tensor> {
  const wanted = new Set(model.weights.map((weight) => weight.originalName));
  return Object.fromEntries(Object.entries(weights).map(([name, value]) => {
    const parts = name.split('/');
    for (let start = 0; start < parts.length - 1; start += 1) {
      const plain = parts.slice(start).join('/');
      const depthwise = plain.replace(/\/kernel$/, '/depthwise_kernel');
      if (wanted.has(plain)) return [plain, value];
      if (wanted.has(depthwise)) return [depthwise, value];
    }
    return [name, value];
  }));
}

/** Makes the layers. When that fails half-way, the variables made so far are freed: nobody else holds them. */
async function build(network: Topology, held: number): Promise<{ model: LayersModel; made: tf.Variable[] }> {
  const before = new Set(Object.keys(tf.engine().registeredVariables));
  let model: Promise<LayersModel> | undefined;
  let made: tf.Variable[] = [];
  try {
    model = withWeights(held, () => models.modelFromJSON({ modelTopology: network } as unknown as Parameters<typeof models.modelFromJSON>[0]));
    // All layers are made by now, before anything else runs: what is new is this model's.
    made = Object.entries(tf.engine().registeredVariables).flatMap(([name, variable]) => (before.has(name) ? [] : [variable]));
    return { model: await model, made };
  } catch (error) {
    for (const variable of made) variable.dispose();
    throw error;
  }
}

interface Weighted {
  addWeight(name: string, shape: (number | null)[], ...rest: unknown[]): unknown;
}

/**
 * Lets layers make so many weights in all and no more, so that one that asks for a thousand million filters does not fill the memory before it is
 * held against the files. Layers make them in this one place, and nothing else runs while they do.
 */
function withWeights<T>(held: number, work: () => T): T {
  const prototype = layers.Layer.prototype as unknown as Weighted;
  const { addWeight } = prototype;
  let left = held;
  prototype.addWeight = function bounded(this: Weighted, name, shape, ...rest) {
    left -= shape.reduce<number>((product, side) => product * (side ?? 1), 1);
    if (!(left >= 0)) throw new Error(`its layers have more weights than the ${held} in its files`);
    return addWeight.call(this, name, shape, ...rest);
  };
  try {
    return work();
  } finally {
    prototype.addWeight = addWeight;
  }
}

/**
 * A topology fit for loading: initialisers are zero, as the weights come from the file, and drawing random ones takes
 * longer than reading; images of open height and width get the given one.
 */
function forLoading<T>(value: T, size: number | undefined, key = ''): T {
  if (typeof value !== 'object' || value === null) return value;
  if (key.endsWith('Initializer')) return { className: 'Zeros', config: {} } as T;
  if (Array.isArray(value)) {
    if (key === 'batchInputShape' && value.length === 4) return [value[0], value[1] ?? size ?? null, value[2] ?? size ?? null, value[3]] as T;
    return value.map((item: unknown) => forLoading(item, size)) as T;
  }
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, forLoading(child, size, name)])) as T;
}
