import { failure, type Random, type TensorData } from '@cultivar/sdk';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { headProbabilities, type Head } from '../head.js';

/** Dropout in front of the classifier at test time, and how many predictions are averaged. */
export interface MonteCarlo {
  /** Share of the features that is dropped, 0..1: that of the training. */
  rate: number;
  draws: number;
}

/** Of all draws together: 1 GB. */
const mostWeights = 2 ** 28;

/** The classifier of a bundle with its features dropped. */
export interface MonteCarloHead {
  /** Name of the layer whose output it reads. */
  layer: string;
  /** @param features [B, F] @returns [B, K]: mean over the draws of softmax((x * mask / (1 - rate)) W + b) */
  probabilities(features: TensorData): TensorData;
}

/**
 * The last layer of a bundle as an ensemble of thinned classifiers. The masks are drawn once and are those of every image, so that
 * a prediction does not depend on what else is predicted.
 *
 * Source: Gal & Ghahramani 2016, "Dropout as a Bayesian approximation: representing model uncertainty in deep learning".
 * @throws CultivarError BUNDLE_INVALID where the model does not end in one dense classifier
 */
export async function monteCarloHead(model: LayersModel, path: string, { rate, draws }: MonteCarlo, random: Random): Promise<MonteCarloHead> {
  const last = model.layers.at(-1)!;
  if (last.name !== 'head' || last.getClassName() !== 'Dense') {
    throw failure('BUNDLE_INVALID', { path, reason: 'it does not end in one classifier, whose features could be dropped' });
  }
  const [kernel, bias] = await Promise.all(last.weights.map(async (weight): Promise<TensorData> => {
    const tensor = weight.read();
    return { data: Float32Array.from(await tensor.data()), shape: [...tensor.shape] };
  }));
  const [width = 0, classes = 0] = kernel!.shape;
  if (draws * width * classes > mostWeights) throw failure('BUNDLE_INVALID', { path, reason: `${draws} predictions of a classifier of ${width * classes} weights need more memory than 1 GB` });
  // A mask of the features is one of the kernel's rows: each draw is a classifier of its own.
  const heads = Array.from({ length: draws }, (_, draw): Head => {
    const stream = random.child('monte carlo').child(draw);
    const data = kernel!.data.slice();
    for (let feature = 0; feature < width; feature += 1) {
      const kept = stream.uniform() < rate ? 0 : 1 / (1 - rate);
      for (let k = 0; k < classes; k += 1) data[feature * classes + k]! *= kept;
    }
    return { features: [], kernel: { data, shape: [width, classes] }, bias: bias! };
  });
  return {
    layer: (last.input as SymbolicTensor).sourceLayer.name,
    probabilities: (features) => {
      const mean = new Float64Array(features.shape[0]! * classes);
      for (const head of heads) headProbabilities(head, features).data.forEach((value, index) => { mean[index]! += value / draws; });
      return { data: Float32Array.from(mean), shape: [features.shape[0]!, classes] };
    },
  };
}
