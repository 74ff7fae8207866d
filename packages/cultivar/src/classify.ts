import { canvasFromPixels, decodeImage } from '@cultivar/data';
import type { Preprocessing, TensorData } from '@cultivar/sdk';
import { isImageTensor, pixelsOfTensor, type ImageInput } from './image-input.js';

/** A class and how probable it is. */
export interface Classification {
  label: string;
  /** 0..1; over all classes they sum to 1. */
  probability: number;
}

/** What an image was taken for, or why it could not be classified. */
export type Outcome = { classes: Classification[] } | { error: unknown };

/** The part of an opened bundle that classifying needs. */
export interface ProbabilitySource {
  readonly labels: readonly string[];
  readonly preprocessing: Preprocessing;
  probabilities(canvases: TensorData<Uint8Array>): Promise<TensorData>;
}

/** Images that go through the network together. */
const batchSize = 32;

/**
 * Classifies images in their order; while a batch is in the network the next is being decoded.
 * @param top classes for each image, the most probable first
 */
export async function* classifyEach(source: ProbabilitySource, images: readonly ImageInput[], top: number): AsyncGenerator<Outcome> {
  let ahead = decodeBatch(images.slice(0, batchSize), source.preprocessing);
  for (let start = 0; start < images.length; start += batchSize) {
    const decoded = await ahead;
    ahead = decodeBatch(images.slice(start + batchSize, start + 2 * batchSize), source.preprocessing);
    yield* await classifyBatch(source, decoded, top);
  }
}

function decodeBatch(images: readonly ImageInput[], preprocessing: Preprocessing): Promise<PromiseSettledResult<Uint8Array>[]> {
  return Promise.allSettled(images.map(async (image) => {
    if (!isImageTensor(image)) return decodeImage(image, preprocessing);
    const { pixels, height, width } = await pixelsOfTensor(image);
    return canvasFromPixels(pixels, height, width, preprocessing);
  }));
}

async function classifyBatch(source: ProbabilitySource, decoded: readonly PromiseSettledResult<Uint8Array>[], top: number): Promise<Outcome[]> {
  const { labels, preprocessing: { size } } = source;
  const canvases = decoded.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const data = new Uint8Array(canvases.length * size * size * 3);
  canvases.forEach((canvas, index) => data.set(canvas, index * size * size * 3));
  const probabilities = canvases.length > 0 ? (await source.probabilities({ data, shape: [canvases.length, size, size, 3] })).data : new Float32Array();
  let row = 0;
  return decoded.map((one): Outcome => {
    if (one.status === 'rejected') return { error: one.reason };
    row += 1;
    return { classes: ranked(labels, probabilities.subarray((row - 1) * labels.length, row * labels.length), top) };
  });
}

/** Most probable first; of equals, the one that comes first in the model. */
function ranked(labels: readonly string[], probabilities: Float32Array, top: number): Classification[] {
  return labels
    .map((label, index) => ({ label, probability: probabilities[index] ?? 0 }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, Math.max(1, top));
}
