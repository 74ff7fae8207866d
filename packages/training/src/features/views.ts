import { prefixModel, type PreparedBackbone } from '@cultivar/backbone';
import type { Augmentation, InferenceProgram, Progress, Random, Stage, TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { createHash } from 'node:crypto';
import { freemem } from 'node:os';
import { join } from 'node:path';
import type { Engines } from '../run/engines.js';
import { FeatureStore } from './feature-store.js';
import type { ImageSet } from './image-set.js';
import { InFlight } from './in-flight.js';
import { keepViews, takeViews, type SharedViews } from './kept-views.js';
import { sideBySide } from './side-by-side.js';

const batchSize = 32;
/** Batches under way: one computing, one waiting, while the next is augmented. */
const ahead = 2;
/** Levels of a byte in 0..1. */
const levels = Float32Array.from({ length: 256 }, (_, level) => level / 255);
/** Of the memory that is free, and 1.5 GiB at most. */
const memoryShare = 0.3;
const memoryLimit = 1.5 * 2 ** 30;
/** Pixels that augmentations measure the dataset by, at most: some 160 images of 224 pixels. */
const pixelsMeasured = 2 ** 23;

interface ViewsOptions {
  backbone: PreparedBackbone;
  engines: Engines;
  images: ImageSet;
  /** The first stage that trains; all before it are frozen. */
  from: Stage;
  /** Frozen stages whose pooled outputs are kept as well, for a classifier that reads them. */
  joined?: readonly Stage[];
  /** In how many geometries images are looked at. Copies are made of each in turn. */
  geometries: number;
  /** Augmented copies of each training image that are kept, >= 1; where nothing augments, the image as it is stands for all of them. */
  count: number;
  augmentations: readonly Augmentation[];
  random: Random;
  folder: string;
  /** Images as they are, sent through the frozen stages before, where they have been. */
  before?: (indices: readonly number[]) => Promise<ViewBatch | undefined>;
  /** Where images as they are, sent through the frozen stages, lie for other runs. */
  shared?: SharedViews;
  progress: Progress;
  signal: AbortSignal;
}

/** What the trained stages read, [B, ...], and what the classifier reads besides: pooled outputs of frozen stages, [B, F]. */
export interface ViewBatch {
  inputs: TensorData;
  joined?: TensorData;
}

/**
 * What the trained stages read: augmented copies of the training images, or these as they are where nothing augments; and the images to measure with,
 * as they are. View 0 of an image is the image itself, views 1, 2, ... are its augmented copies; behind those comes the image in its second geometry.
 */
export class Views {
  private readonly store: FeatureStore;
  private readonly joinedStore: FeatureStore | undefined;
  private readonly targets = new Map<number, Float32Array>();
  private readonly classes: number;

  private constructor(private readonly options: ViewsOptions) {
    const { backbone, from, images } = options;
    this.classes = images.classes.length;
    const shape = from.index === 0 ? [backbone.input.size, backbone.input.size, 3] : backbone.stages[from.index - 1]!.outputShape;
    const key = createHash('sha256').update(JSON.stringify([images.dataset.contentHash, backbone.sha256, from.name, options.count])).digest('hex').slice(0, 16);
    const memoryBudget = Math.min(memoryLimit, freemem() * memoryShare);
    this.store = new FeatureStore({ shape, file: join(options.folder, `features-${key}.bin`), memoryBudget });
    const width = this.joined.reduce((sum, { outputShape }) => sum + outputShape.at(-1)!, 0);
    if (width > 0) this.joinedStore = new FeatureStore({ shape: [width], file: join(options.folder, `joined-${key}.bin`), memoryBudget });
  }

  /** Sends every view that will be read through the frozen stages, once. */
  static async make(options: ViewsOptions): Promise<Views> {
    const views = new Views(options);
    try {
      await views.fillOrTake();
      return views;
    } catch (error) {
      await views.dispose();
      throw error;
    }
  }

  /** @returns what is read, until the next reading, and the targets [B, K] */
  async read(indices: readonly number[], views: readonly number[]): Promise<ViewBatch & { targets: TensorData }> {
    const entries = indices.map((index, row) => this.entry(index, views[row]!));
    const targets = new Float32Array(entries.length * this.classes);
    entries.forEach((entry, row) => targets.set(this.targets.get(entry)!, row * this.classes));
    return { ...await this.stored(entries, 'getInPlace'), targets: { data: targets, shape: [entries.length, this.classes] } };
  }

  /** Images as they are, in one geometry, without targets. */
  plain(indices: readonly number[], geometry: number): Promise<ViewBatch> {
    return this.stored(indices.map((index) => this.entry(index, this.plainViews[geometry]!)), 'get');
  }

  get geometries(): number {
    return this.options.geometries;
  }

  /** The views to train on. */
  get trained(): readonly number[] {
    return this.augmented ? Array.from({ length: this.options.count }, (_, index) => index + 1) : this.plainViews;
  }

  /** By geometry, the view that is the image itself. */
  private get plainViews(): readonly number[] {
    return Array.from({ length: this.options.geometries }, (_, geometry) => (geometry === 0 ? 0 : this.options.count + geometry));
  }

  private get augmented(): boolean {
    return this.options.augmentations.length > 0;
  }

  async dispose(): Promise<void> {
    await Promise.all([this.store.dispose(), this.joinedStore?.dispose()]);
  }

  private get joined(): readonly Stage[] {
    return this.options.joined ?? [];
  }

  private async stored(entries: readonly number[], how: 'get' | 'getInPlace'): Promise<ViewBatch> {
    const [inputs, joined] = await Promise.all([this.store[how](entries), this.joinedStore?.[how](entries)]);
    return { inputs, ...(joined && { joined }) };
  }

  private entry(index: number, view: number): number {
    return view * this.options.images.samples.length + index;
  }

  /** Of runs that share them the first computes; views that are augmented are drawn by each for itself. */
  private async fillOrTake(): Promise<void> {
    const { shared, from } = this.options;
    if (!shared || this.augmented) return this.fill();
    const indices = this.plainOnes;
    const entries = this.plainViews.flatMap((view) => indices.map((index) => this.entry(index, view)));
    const kept = { from: from.name, joined: this.joined.map(({ name }) => name), indices, geometries: this.geometries };
    const there = await takeViews(shared, kept);
    if (there) return this.put(entries, there, this.oneHot(this.plainViews.flatMap(() => indices)));
    await this.fill();
    await keepViews(shared, kept, this.geometries * (this.store.width + (this.joinedStore?.width ?? 0)), () => this.stored(entries, 'get'));
  }

  private async put(entries: readonly number[], { inputs, joined }: ViewBatch, { data }: TensorData): Promise<void> {
    await this.store.put(entries, inputs);
    if (joined) await this.joinedStore?.put(entries, joined);
    entries.forEach((entry, row) => this.targets.set(entry, data.slice(row * this.classes, (row + 1) * this.classes)));
  }

  /** Images that are read as they are: to measure with, and to train on where nothing augments. */
  private get plainOnes(): readonly number[] {
    const { measured, train } = this.options.images;
    return this.augmented ? measured.indices : [...new Set([...train, ...measured.indices])];
  }

  private async fill(): Promise<void> {
    const { backbone, engines, images, from, random, progress, signal } = this.options;
    const { plainOnes, plainViews, trained, augmented } = this;
    const task = progress.start('Frozen stages', plainOnes.length * plainViews.length + (augmented ? images.train.length * trained.length : 0), 'views');
    const before = from.index === 0 ? undefined : backbone.stages[from.index - 1]!;
    if (augmented) await this.prepareAugmentations();
    const program = before && await engines.inference(prefixModel(backbone, before.name), {
      normalisation: backbone.input,
      outputs: [{ layer: before.output }, ...this.joined.map(({ output }) => ({ layer: output, pool: 'average' as const }))],
    });
    const jobs = new InFlight(ahead);
    try {
      for (const view of augmented ? [...plainViews, ...trained] : plainViews) {
        const stream = random.child(view);
        const plain = plainViews.includes(view);
        const geometry = plain ? plainViews.indexOf(view) : (view - 1) % this.geometries;
        const order = plain ? plainOnes : stream.permutation(images.train.length).map((position) => images.train[position]!);
        for (let start = 0; start < order.length; start += batchSize) {
          signal.throwIfAborted();
          const indices = order.slice(start, start + batchSize);
          const entries = indices.map((index) => this.entry(index, view));
          const targets = this.oneHot(indices);
          const known = view === 0 ? await this.options.before?.(indices) : undefined;
          if (known) {
            await this.put(entries, known, targets);
            task.advance(indices.length);
            continue;
          }
          const canvases = await images.canvases[geometry]!.batch(indices);
          const batch = plain ? { images: canvases, targets } : await this.augment(canvases, targets, stream.child(start));
          await jobs.add(async () => {
            const [inputs, ...pooled] = await this.throughPrefix(program, batch.images);
            await this.put(entries, { inputs: inputs!, ...(this.joinedStore && { joined: sideBySide(pooled) }) }, batch.targets);
            task.advance(indices.length);
          });
        }
      }
      await jobs.done();
    } finally {
      await jobs.settled();
      task.finish();
      await program?.dispose();
    }
  }

  /** Shows some of the training images, as they are, to the augmentations that measure them. */
  private async prepareAugmentations(): Promise<void> {
    const { images, backbone, random } = this.options;
    const preparing = this.options.augmentations.filter((augmentation) => augmentation.prepare);
    if (preparing.length === 0) return;
    const size = Math.max(1, Math.min(images.train.length, Math.floor(pixelsMeasured / backbone.input.size ** 2)));
    const chosen = random.child('prepare').permutation(images.train.length).slice(0, size).map((position) => images.train[position]!);
    const { data, shape } = await images.canvases[0]!.batch(chosen);
    tf.tidy(() => {
      const sample = tf.tensor4d(inUnitRange(data), shape as [number, number, number, number]);
      for (const augmentation of preparing) augmentation.prepare!(sample);
    });
  }

  private async throughPrefix(program: InferenceProgram | undefined, images: TensorData<Uint8Array> | TensorData<Float32Array>): Promise<TensorData[]> {
    if (program) return program.run(images);
    const { mean, std, channels } = this.options.backbone.input;
    const range = images.data instanceof Uint8Array ? 255 : 1;
    const data = new Float32Array(images.data.length);
    for (let i = 0; i < data.length; i += 1) {
      const channel = i % 3;
      const source = channels === 'bgr' ? i - channel + (2 - channel) : i;
      data[i] = (images.data[source]! / range - mean[channel]!) / std[channel]!;
    }
    return [{ data, shape: images.shape }];
  }

  private oneHot(indices: readonly number[]): TensorData {
    const data = new Float32Array(indices.length * this.classes);
    indices.forEach((index, row) => {
      data[row * this.classes + this.options.images.labels[index]!] = 1;
    });
    return { data, shape: [indices.length, this.classes] };
  }

  private async augment(canvases: TensorData<Uint8Array>, targets: TensorData, random: Random): Promise<{ images: TensorData; targets: TensorData }> {
    const shape = canvases.shape as [number, number, number, number];
    const result = tf.tidy(() => {
      let batch = { images: tf.tensor4d(inUnitRange(canvases.data), shape), targets: tf.tensor2d(targets.data, targets.shape as [number, number]) };
      this.options.augmentations.forEach((augmentation, position) => {
        batch = augmentation.apply(batch, random.child(position));
      });
      return { images: batch.images, targets: batch.targets };
    });
    try {
      return {
        images: { data: await result.images.data<'float32'>(), shape: canvases.shape },
        targets: { data: await result.targets.data<'float32'>(), shape: targets.shape },
      };
    } finally {
      tf.dispose([result.images, result.targets]);
    }
  }
}

/** 0..255 to 0..1. */
function inUnitRange(bytes: Uint8Array): Float32Array {
  const data = new Float32Array(bytes.length);
  for (let i = 0; i < data.length; i += 1) data[i] = levels[bytes[i]!]!;
  return data;
}
