import { resolve } from 'node:path';
import type { Crops } from '@cultivar/data';
import { silentLogger, silentProgress, type Kernel } from '@cultivar/kernel';
import type { ContributionReference, Logger, Preprocessing } from '@cultivar/sdk';
import { openBundle, type BundleManifest, type MonteCarlo, type OpenBundle } from '@cultivar/training';
import { classifyEach, type Classification } from './classify.js';
import type { PluginEntry } from './define-config.js';
import type { ImageInput } from './image-input.js';
import { openKernel } from './kernel.js';
import { engineReference } from './references.js';
import { readyBackend } from './tensorflow.js';

export interface ClassifyOptions {
  /** How many classes to return, the most probable first. Default all. */
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
   * @throws CultivarError IMAGE_UNREADABLE
   */
  classify(image: ImageInput, options?: ClassifyOptions): Promise<Classification[]>;
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Classification[][]>;
  /** Frees what the engine holds. */
  dispose(): Promise<void>;
}

/**
 * Opens what `fineTune()` or `cultivar train` wrote.
 * @param bundle path of the folder
 * @throws CultivarError BUNDLE_NOT_FOUND, BUNDLE_INVALID, ENGINE_NONE, CONTRIBUTION_UNKNOWN
 */
export async function load(bundle: string, options: LoadOptions = {}): Promise<Classifier> {
  const { kernel } = await openKernel({ plugins: options.plugins, config: false, need: 'engines', logger: options.logger });
  return classifier(await open(kernel, bundle, options), options.maxPixels);
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
function classifier(bundle: OpenBundle, maxPixels?: number): Classifier {
  const several = async (images: readonly ImageInput[], top: number): Promise<Classification[][]> => {
    const results: Classification[][] = [];
    for await (const outcome of classifyEach(bundle, images, top, maxPixels)) {
      if ('error' in outcome) throw outcome.error;
      results.push(outcome.classes);
    }
    return results;
  };
  function classify(image: ImageInput, options?: ClassifyOptions): Promise<Classification[]>;
  function classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Classification[][]>;
  async function classify(input: ImageInput | readonly ImageInput[], { top = bundle.labels.length }: ClassifyOptions = {}) {
    if (Array.isArray(input)) return several(input as readonly ImageInput[], top);
    return (await several([input as ImageInput], top))[0] ?? [];
  }
  return { labels: bundle.labels, preprocessing: bundle.preprocessing, manifest: bundle.manifest, classify, dispose: () => bundle.dispose() };
}
