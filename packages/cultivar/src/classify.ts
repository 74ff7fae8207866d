import { averageViews, canvasFromPixels, cropCount, cropViews, cutCrops, decodeImage, type CropView } from '@cultivar/data';
import type { Preprocessing, TensorData } from '@cultivar/sdk';
import { isImageTensor, pixelsOfTensor, type CheckedImage } from './image-input.js';

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
  /** Crops of an image whose probabilities are averaged. Absent: the image as it is. */
  readonly views?: readonly CropView[];
  probabilities(canvases: TensorData<Uint8Array>): Promise<TensorData>;
}

/** Images that go through the network together. */
const batchSize = 32;

/**
 * Classifies images in their order; while a batch is in the network the next is being decoded.
 * @param top classes for each image, the most probable first
 * @param maxPixels pixels of an image at most. Default 200 million
 */
export async function* classifyEach(source: ProbabilitySource, images: readonly CheckedImage[], top: number, maxPixels?: number): AsyncGenerator<Outcome> {
  const views = source.views ?? cropViews(source.preprocessing, 1);
  // The network sees every crop: fewer images are as many pictures.
  const step = Math.max(1, Math.floor(batchSize / cropCount(views)));
  let ahead = decodeBatch(images.slice(0, step), views, source.preprocessing.size, maxPixels);
  for (let start = 0; start < images.length; start += step) {
    const decoded = await ahead;
    ahead = decodeBatch(images.slice(start + step, start + 2 * step), views, source.preprocessing.size, maxPixels);
    yield* await classifyBatch(source, decoded, views, top);
  }
}

/** All crops of each image, one after the other. */
function decodeBatch(images: readonly CheckedImage[], views: readonly CropView[], size: number, maximumPixels?: number): Promise<PromiseSettledResult<Uint8Array>[]> {
  return Promise.allSettled(images.map(async (image) => {
    const pixels = isImageTensor(image) ? await pixelsOfTensor(image) : undefined;
    const crops = await Promise.all(views.map(async (view) => {
      const data = pixels ? await canvasFromPixels(pixels.pixels, pixels.height, pixels.width, view.canvas) : await decodeImage(image as string | Uint8Array, view.canvas, { maximumPixels });
      return cutCrops({ data, shape: [1, view.canvas.size, view.canvas.size, 3] }, view, size).data;
    }));
    return joined(crops);
  }));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const data = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return data;
}

async function classifyBatch(source: ProbabilitySource, decoded: readonly PromiseSettledResult<Uint8Array>[], views: readonly CropView[], top: number): Promise<Outcome[]> {
  const { labels, preprocessing: { size } } = source;
  const images = decoded.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const probabilities = images.length > 0
    ? averageViews(await source.probabilities({ data: joined(images), shape: [images.length * cropCount(views), size, size, 3] }), views).data
    : new Float32Array();
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
