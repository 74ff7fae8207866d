import { openCanvases, scanDataset, type Canvases, type Dataset, type ReadingOptions } from '@cultivar/data';
import type { Kernel, Run } from '@cultivar/kernel';
import { failure, type Augmentation, type ContributionReference, type Preprocessing, type Random } from '@cultivar/sdk';
import type { TrainingServices } from '@cultivar/training';
import * as tf from '@tensorflow/tfjs-core';
import { tmpdir } from 'node:os';
import { contactSheet, type ContactSheet } from './contact-sheet.js';

export interface PreviewRequest {
  /** Folder of images, or CSV file. */
  data: string;
  /** How they are to be understood where folders or columns leave it open. */
  reading?: ReadingOptions;
  /** Used one after the other, as in training. */
  augmentations: readonly ContributionReference[];
  /** Rows. Default 6, or as many as there are. */
  images?: number;
  /** Columns behind the originals. Default 6. */
  views?: number;
  /** Side of a tile in pixels. Default 160. */
  size?: number;
  /** Which images, and what is drawn. Default 0. */
  seed?: number;
  /** Pixels of an image at most; larger ones are set aside. Default 200 million. */
  maxPixels?: number;
}

export interface Preview extends ContactSheet {
  /** Names of the images, from top to bottom. */
  images: string[];
}

/** Images that augmentations measure the dataset by. */
const measured = 64;

/**
 * A contact sheet of a dataset under augmentations: a row for each of some images, the original first, then views as training
 * would draw them. Images of a row's column are one batch, so mixup and cutmix mix them with one another.
 * The same request gives the same picture.
 * @throws CultivarError with a DATA_ code, CONTRIBUTION_UNKNOWN, OPTION_INVALID, IMAGE_UNREADABLE
 */
export async function preview(kernel: Kernel, request: PreviewRequest, services: TrainingServices): Promise<Preview> {
  const { augmentations, views = 6, size = 160, seed = 0 } = request;
  for (const reference of augmentations) kernel.catalogue.check('augmentation', reference);
  const dataset = await scanDataset(request.data, { ...services, reading: request.reading, maximumPixels: request.maxPixels });
  const run = kernel.openRun({ seed, outputFolder: tmpdir(), ...services });
  const preprocessing: Preprocessing = { size, resize: 'crop', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' };
  const canvases = openCanvases(dataset.samples, preprocessing, { concurrency: 16, maximumPixels: request.maxPixels, logger: services.logger, signal: services.signal });
  try {
    const order = spread(dataset, run.random.child('images'));
    const { indices, data } = await firstOf(canvases, order, request.images ?? 6);
    if (indices.length === 0) throw failure('DATA_EMPTY', { path: dataset.root });
    const originals = tilesOf(data, size);
    const chain = augmentations.map((reference, position) => run.create<Augmentation>('augmentation', reference, `augmentation/${position}/${reference.name}`));
    if (chain.some(({ prepare }) => prepare)) {
      const sample = await firstOf(canvases, order, measured);
      tf.tidy(() => chain.forEach((one) => one.prepare?.(imagesOf(sample.data, size))));
    }
    const columns = Array.from({ length: views }, (_, view) => tilesOf(augmented(chain, data, size, run, view), size));
    const sheet = await contactSheet(originals.map((original, row) => [original, ...columns.map((column) => column[row]!)]), size);
    return { ...sheet, images: indices.map((index) => dataset.samples[index]!.name) };
  } finally {
    await canvases.dispose();
    await run.dispose();
  }
}

/** The first images that can be decoded; one that cannot is left out, as in training. */
async function firstOf(canvases: Canvases, order: readonly number[], count: number): Promise<{ indices: number[]; data: Uint8Array }> {
  for await (const { indices, images } of canvases.batches(count, order)) return { indices, data: images.data };
  return { indices: [], data: new Uint8Array() };
}

/** All images in a random order, the classes taking turns. */
function spread({ samples, classes }: Dataset, random: Random): number[] {
  const waiting = classes.map((): number[] => []);
  for (const index of random.permutation(samples.length)) waiting[samples[index]!.label]!.push(index);
  return Array.from({ length: Math.max(...waiting.map(({ length }) => length)) }, (_, turn) => waiting.flatMap((indices) => indices[turn] ?? [])).flat();
}

function imagesOf(data: Uint8Array, size: number): tf.Tensor4D {
  return tf.div(tf.tensor4d(Float32Array.from(data), [data.length / (size * size * 3), size, size, 3]), 255);
}

/** One view of each image, as bytes. */
function augmented(chain: readonly Augmentation[], data: Uint8Array, size: number, { random }: Run, view: number): Uint8Array {
  const values = tf.tidy(() => {
    const images = imagesOf(data, size);
    const stream = random.child('views').child(view);
    const targets = tf.ones<tf.Rank.R2>([images.shape[0], 1]);
    return chain.reduce((batch, one, position) => one.apply(batch, stream.child(position)), { images, targets }).images.dataSync<'float32'>();
  });
  return Uint8Array.from(values, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
}

function tilesOf(data: Uint8Array, size: number): Uint8Array[] {
  const length = size * size * 3;
  return Array.from({ length: data.length / length }, (_, index) => data.slice(index * length, (index + 1) * length));
}
