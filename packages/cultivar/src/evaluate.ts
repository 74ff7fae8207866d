import { resolve } from 'node:path';
import type { Crops } from '@cultivar/data';
import { silentLogger, silentProgress } from '@cultivar/kernel';
import type { Logger, Progress } from '@cultivar/sdk';
import { evaluateBundle, type Evaluation, type MonteCarlo } from '@cultivar/training';
import type { PluginEntry } from './define-config.js';
import { openKernel } from './kernel.js';
import { readingOf, type ReadingSettings } from './reading.js';
import { engineReference, type Reference } from './references.js';
import { checkSettings } from './settings.js';
import { readyBackend } from './tensorflow.js';

export interface EvaluateOptions extends ReadingSettings {
  /** What computes, by name. Default the first engine that is available. */
  engine?: Reference;
  /** Crops of an image whose predictions are averaged. Default as the bundle says, or else 1: the image as it is. */
  crops?: Crops;
  /** Averages predictions with features dropped at random in front of the classifier (Monte Carlo dropout). Default as the bundle says, or else none. */
  monteCarlo?: MonteCarlo;
  /** Writes into the bundle that it predicts so from now on, and how good it was. Default `false`. */
  keep?: boolean;
  /** Pixels of an image at most; larger ones are set aside. Default 200 million. */
  maxPixels?: number;
  plugins?: readonly PluginEntry[];
  /** Configuration file; absent: the one in the working folder, if any; `false`: none. */
  config?: string | false;
  logger?: Logger;
  /** Told how far long work has come; a bar of your own, say. */
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Measures a trained model on labelled images of the same classes.
 * @param bundle folder that `fineTune()` or `cultivar train` wrote
 * @param data folder of images or CSV file
 * @throws CultivarError with a BUNDLE_ or DATA_ code; OUTPUT_WRITE
 */
export async function evaluate(bundle: string, data: string, options: EvaluateOptions = {}): Promise<Evaluation> {
  const { split, classFolders, csv } = options;
  const reading = readingOf(checkSettings({ split, classFolders, csv }, 'given to evaluate()'));
  const { kernel, settings } = await openKernel({ plugins: options.plugins, config: options.config, need: 'engines', logger: options.logger });
  await readyBackend('weights');
  return evaluateBundle(kernel, resolve(bundle), data, {
    logger: options.logger ?? silentLogger,
    progress: options.progress ?? silentProgress,
    signal: options.signal ?? new AbortController().signal,
  }, { engine: engineReference(options.engine ?? settings.engine), crops: options.crops, monteCarlo: options.monteCarlo, keep: options.keep, maxPixels: options.maxPixels ?? settings.maxPixels, reading });
}
