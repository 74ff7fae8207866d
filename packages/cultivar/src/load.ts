import { resolve } from 'node:path';
import { canvasFromPixels, decodeImage } from '@cultivar/data';
import { silentLogger, silentProgress, type Kernel } from '@cultivar/kernel';
import type { ContributionReference, Logger, Preprocessing } from '@cultivar/sdk';
import { openBundle, type BundleManifest, type OpenBundle } from '@cultivar/training';
import type { PluginEntry } from './define-config.js';
import { isImageTensor, pixelsOfTensor, type ImageInput } from './image-input.js';
import { openKernel } from './kernel.js';
import { engineReference } from './references.js';
import { readyBackend } from './tensorflow.js';

/** A class and how probable it is. */
export interface Classification {
  label: string;
  /** 0..1; over all classes they sum to 1. */
  probability: number;
}

export interface ClassifyOptions {
  /** How many classes to return, the most probable first. Default all. */
  top?: number;
}

export interface LoadOptions {
  /** What computes, by name. Default the first engine that is available. */
  engine?: string | ContributionReference;
  /** Plugins that bring further engines. */
  plugins?: readonly PluginEntry[];
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

/** Images that go through the network together. */
const batchSize = 32;

/**
 * Opens what `fineTune()` or `cultivar train` wrote.
 * @param bundle path of the folder
 * @throws CultivarError BUNDLE_NOT_FOUND, BUNDLE_INVALID, ENGINE_NONE, CONTRIBUTION_UNKNOWN
 */
export async function load(bundle: string, options: LoadOptions = {}): Promise<Classifier> {
  const { kernel } = await openKernel({ plugins: options.plugins, config: false, need: 'engines', logger: options.logger });
  return openClassifier(kernel, bundle, options);
}

/** As {@link load}, with engines from a kernel that is there already. */
export async function openClassifier(kernel: Kernel, bundle: string, options: Omit<LoadOptions, 'plugins'> = {}): Promise<Classifier> {
  await readyBackend();
  const opened = await openBundle(kernel, resolve(bundle), {
    engine: engineReference(options.engine),
    services: { logger: options.logger ?? silentLogger, progress: silentProgress, signal: new AbortController().signal },
  });
  return classifier(opened);
}

/** The public face of an opened bundle. */
function classifier(bundle: OpenBundle): Classifier {
  const { labels, preprocessing } = bundle;
  const pixels = 3 * preprocessing.size ** 2;
  const canvas = async (input: ImageInput): Promise<Uint8Array> => {
    if (!isImageTensor(input)) return decodeImage(input, preprocessing);
    const image = await pixelsOfTensor(input);
    return canvasFromPixels(image.pixels, image.height, image.width, preprocessing);
  };
  const several = async (images: readonly ImageInput[], top: number): Promise<Classification[][]> => {
    const results: Classification[][] = [];
    for (let start = 0; start < images.length; start += batchSize) {
      const canvases = await Promise.all(images.slice(start, start + batchSize).map(canvas));
      const data = new Uint8Array(canvases.length * pixels);
      canvases.forEach((one, index) => data.set(one, index * pixels));
      const probabilities = await bundle.probabilities({ data, shape: [canvases.length, preprocessing.size, preprocessing.size, 3] });
      for (let row = 0; row < canvases.length; row += 1) {
        results.push(ranked(labels, probabilities.data.subarray(row * labels.length, (row + 1) * labels.length), top));
      }
    }
    return results;
  };
  function classify(image: ImageInput, options?: ClassifyOptions): Promise<Classification[]>;
  function classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Classification[][]>;
  async function classify(input: ImageInput | readonly ImageInput[], { top = labels.length }: ClassifyOptions = {}) {
    if (Array.isArray(input)) return several(input as readonly ImageInput[], top);
    return (await several([input as ImageInput], top))[0] ?? [];
  }
  return { labels, preprocessing, manifest: bundle.manifest, classify, dispose: () => bundle.dispose() };
}

function ranked(labels: readonly string[], probabilities: Float32Array, top: number): Classification[] {
  return labels
    .map((label, index) => ({ label, probability: probabilities[index] ?? 0 }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, Math.max(1, Math.min(top, labels.length)));
}
