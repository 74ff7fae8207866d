import { resolve } from 'node:path';
import type { Crops } from '@cultivar/data';
import { silentLogger, silentProgress, type Kernel } from '@cultivar/kernel';
import { failure, z, type ContributionReference, type Logger, type Preprocessing } from '@cultivar/sdk';
import { openBundle, type BundleManifest, type MonteCarlo, type OpenBundle } from '@cultivar/training';
import { checkArguments, checkPath, surroundings, type Path } from './arguments.js';
import { Listeners } from './attended.js';
import { classifyEach, type Classification } from './classify.js';
import type { PluginEntry } from './define-config.js';
import { averaging } from './evaluate.js';
import { checkImage, type CheckedImage, type ImageInput } from './image-input.js';
import { openKernel } from './kernel.js';
import { engineReference } from './references.js';
import { reference } from './settings.js';
import { readyBackend } from './tensorflow.js';
import { unusedDropout } from './unused-settings.js';

export interface ClassifyOptions {
  /** How many classes to return at most, the most probable first; 1 or more. Default all. */
  top?: number;
}

export interface LoadOptions {
  /** What computes, by name. Default the first engine that is available. */
  engine?: string | ContributionReference;
  /** Crops of an image whose predictions are averaged. Default as the bundle says, or else 1: the image as it is. */
  crops?: Crops;
  /** Averages predictions with features dropped at random in front of the classifier (Monte Carlo dropout). Default as the bundle says, or else none. */
  monteCarlo?: MonteCarlo;
  /** Pixels of an image at most; larger ones are refused. Default 200 million. */
  maxPixels?: number;
  /** Plugins that bring further engines. */
  plugins?: readonly PluginEntry[];
  /** Told of what is said. Default silent. */
  logger?: Logger;
}

/** A trained model, ready to classify. */
export interface Classifier {
  /** Classes in the order of the model's output. */
  readonly labels: readonly string[];
  /** What goes from image bytes to network input. */
  readonly preprocessing: Readonly<Preprocessing>;
  /** What the bundle says of itself: how it was made and how good it is. */
  readonly manifest: BundleManifest;
  /**
   * Classifies one image, or several in one go.
   * @throws CultivarError IMAGE_UNREADABLE, ARGUMENT_INVALID, CLASSIFIER_DISPOSED
   */
  classify(image: ImageInput, options?: ClassifyOptions): Promise<Classification[]>;
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Classification[][]>;
  /** Frees what the engine holds, once what is being classified is. A second call does nothing. */
  dispose(): Promise<void>;
}

const schema = z.strictObject({ ...averaging, engine: reference, maxPixels: z.int().min(1), plugins: surroundings.plugins, logger: surroundings.logger } satisfies Record<keyof LoadOptions, z.ZodType>).partial();
const classifySchema = z.strictObject({ top: z.int().min(1) } satisfies Record<keyof ClassifyOptions, z.ZodType>).partial();

/**
 * Opens what `fineTune()` or `cultivar train` wrote.
 * @param bundle path, or `file:` URL, of the folder
 * @throws CultivarError BUNDLE_NOT_FOUND, BUNDLE_INVALID, ENGINE_NONE, CONTRIBUTION_UNKNOWN, ARGUMENT_INVALID
 */
export async function load(bundle: Path, options?: LoadOptions): Promise<Classifier> {
  const folder = checkPath(bundle, 'bundle', 'load()');
  const { plugins, logger, maxPixels, ...given } = checkArguments(schema, options, 'load()');
  // They live as long as the model.
  const listeners = new Listeners({ logger });
  const opened = await opening(listeners, async () => {
    unusedDropout(given.monteCarlo, { logger: listeners.logger });
    const { kernel } = await openKernel({ plugins, need: 'engines', logger: listeners.logger });
    return open(kernel, folder, { ...given, logger: listeners.logger });
  });
  return new LoadedClassifier(opened, listeners, maxPixels);
}

async function opening(listeners: Listeners, work: () => Promise<OpenBundle>): Promise<OpenBundle> {
  const opened = await work().catch(async (error: unknown) => {
    await listeners.settled();
    throw error;
  });
  await listeners.settled().catch(async (error: unknown) => {
    await opened.dispose();
    throw error;
  });
  return opened;
}

/** Opens a bundle with engines from a kernel that is there already. */
export async function open(kernel: Kernel, bundle: string, options: Omit<LoadOptions, 'plugins'> = {}): Promise<OpenBundle> {
  await readyBackend('weights');
  return openBundle(kernel, resolve(bundle), {
    engine: engineReference(options.engine),
    crops: options.crops,
    monteCarlo: options.monteCarlo,
    services: { logger: options.logger ?? silentLogger, progress: silentProgress, signal: new AbortController().signal },
  });
}

/** The public face of an opened bundle. */
class LoadedClassifier implements Classifier {
  readonly #bundle: OpenBundle;
  readonly #listeners: Listeners;
  readonly #maxPixels: number | undefined;
  readonly #running = new Set<Promise<unknown>>();
  #disposal: Promise<void> | undefined;
  readonly labels: readonly string[];
  readonly preprocessing: Readonly<Preprocessing>;
  readonly manifest: BundleManifest;

  constructor(bundle: OpenBundle, listeners: Listeners, maxPixels: number | undefined) {
    this.#maxPixels = maxPixels;
    this.#bundle = bundle;
    this.#listeners = listeners;
    this.labels = bundle.labels;
    this.preprocessing = bundle.preprocessing;
    this.manifest = bundle.manifest;
    // Methods that may be taken off the object and called alone.
    this.classify = this.classify.bind(this) as Classifier['classify'];
    this.dispose = this.dispose.bind(this);
  }

  classify(image: ImageInput, options?: ClassifyOptions): Promise<Classification[]>;
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Classification[][]>;
  async classify(input: ImageInput | readonly ImageInput[], options?: ClassifyOptions): Promise<Classification[] | Classification[][]> {
    if (this.#disposal) throw failure('CLASSIFIER_DISPOSED');
    const { top = this.#bundle.labels.length } = checkArguments(classifySchema, options, 'classify()');
    if (!Array.isArray(input)) return (await this.#several([checkImage(input)], top))[0] ?? [];
    // A list with holes in it has them filled with undefined, which is no image.
    return this.#several(Array.from(input as readonly ImageInput[], (image, place) => checkImage(image, place)), top);
  }

  dispose(): Promise<void> {
    this.#disposal ??= Promise.allSettled(this.#running).then(() => this.#bundle.dispose());
    return this.#disposal;
  }

  async #several(images: readonly CheckedImage[], top: number): Promise<Classification[][]> {
    const running = this.#classified(images, top);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      await this.#listeners.settled();
    }
  }

  async #classified(images: readonly CheckedImage[], top: number): Promise<Classification[][]> {
    const results: Classification[][] = [];
    for await (const outcome of classifyEach(this.#bundle, images, top, this.#maxPixels)) {
      if ('error' in outcome) throw outcome.error;
      results.push(outcome.classes);
    }
    return results;
  }
}
