import { geometriesOf, meanOfLogits, scanDataset, type Dataset } from '@cultivar/data';
import { createRandom, type Kernel } from '@cultivar/kernel';
import { type Preprocessing, type TensorData } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { resolve } from 'node:path';
import { ImageSet } from '../features/image-set.js';
import { withDefaults, type TrainingRequest, type TrainingServices } from '../request.js';
import { Engines } from '../run/engines.js';
import { stateFolder } from '../run/output-folder.js';

const batchSize = 32;

/** The images of a run's split: what is what, and how a classifier does on them, without a run. */
export class MeasuredImages {
  private constructor(
    private readonly kernel: Kernel,
    private readonly dataset: Dataset,
    private readonly request: ReturnType<typeof withDefaults>,
    private readonly services: TrainingServices,
  ) {}

  /** Scans the data. @throws CultivarError with a DATA_ code */
  static async open(kernel: Kernel, request: TrainingRequest, services: TrainingServices): Promise<MeasuredImages> {
    const dataset = await scanDataset(request.data, { ...services, reading: request.reading, maximumPixels: request.maxPixels });
    return new MeasuredImages(kernel, dataset, { ...withDefaults(request), out: resolve(request.out) }, services);
  }

  get classes(): readonly string[] {
    return this.dataset.classes;
  }

  /** SHA-256 of what the images are, hexadecimal. */
  get contentHash(): string {
    return this.dataset.contentHash;
  }

  /** Labels of all images by number, and the numbers of each split, as a run with this request would have them. */
  split(): { labels: Int32Array; train: number[]; measured: { indices: number[]; split: 'validation' | 'test' | 'train' }; test: number[] } {
    const { labels, train, measured, test } = this.images({ size: 32, resize: 'stretch', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' });
    return { labels, train, measured, test };
  }

  /** @returns probabilities [N, K] of the images by number; where one cannot be decoded all classes are alike */
  async probabilities(model: LayersModel, preprocessing: Preprocessing, indices: readonly number[]): Promise<TensorData> {
    const each: TensorData[] = [];
    for (const geometry of geometriesOf(preprocessing)) each.push(await this.ofOneGeometry(model, geometry, indices));
    return meanOfLogits(each);
  }

  private async ofOneGeometry(model: LayersModel, preprocessing: Preprocessing, indices: readonly number[]): Promise<TensorData> {
    const { kernel, request, services: { logger, progress, signal } } = this;
    const images = this.images(preprocessing);
    const run = kernel.openRun({ seed: request.seed, outputFolder: request.out, logger, progress, signal });
    const classes = this.classes.length;
    const data = new Float32Array(indices.length * classes).fill(1 / classes);
    const rows = new Map(indices.map((index, row) => [index, row]));
    const task = progress.start('Evaluating', indices.length, 'images');
    try {
      const engines = await Engines.open(kernel, run, request.engine, 'inference');
      const program = await engines.inference(model, { normalisation: preprocessing });
      try {
        for await (const batch of images.canvases[0]!.batches(batchSize, [...indices])) {
          signal.throwIfAborted();
          const [values] = await program.run(batch.images);
          batch.indices.forEach((index, at) => data.set(values!.data.subarray(at * classes, (at + 1) * classes), rows.get(index)! * classes));
          task.advance(batch.indices.length);
        }
      } finally {
        await program.dispose();
      }
    } finally {
      task.finish();
      await images.dispose();
      await run.dispose();
    }
    return { data, shape: [indices.length, classes] };
  }

  private images(preprocessing: Preprocessing): ImageSet {
    const { request, services: { logger, signal } } = this;
    return new ImageSet(this.dataset, {
      preprocessing, validation: request.validation, random: createRandom(request.splitSeed ?? request.seed).child('split'), fold: request.fold, perClass: request.perClass, maximumPixels: request.maxPixels, logger, signal, cacheFolder: stateFolder(request.out),
    });
  }
}
