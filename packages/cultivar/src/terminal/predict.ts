import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readFolderTree, type Crops, type FolderTree } from '@cultivar/data';
import { failure, isCultivarError } from '@cultivar/sdk';
import { lostName } from '@cultivar/sdk/internal';
import type { MonteCarlo, OpenBundle } from '@cultivar/training';
import { classifyEach, type Classification } from '../classify.js';
import { openKernel } from '../kernel.js';
import { open } from '../load.js';
import { listenForInterruption } from './interruption.js';
import { unusedDropout } from '../unused-settings.js';
import { Terminal } from './terminal.js';
import { counted, percent, shortened, table } from './words.js';

interface PredictOptions {
  json?: boolean;
  quiet?: boolean;
  debug?: boolean;
  plugin?: string[];
  config?: string;
  engine?: string;
  crops?: Crops;
  dropout?: MonteCarlo;
  maxPixels?: number;
  top: number;
}

interface Prediction {
  image: string;
  classes: Classification[];
}

interface UnreadImage {
  image: string;
  code: string;
  reason: string;
}

/** Up to so many images, progress is not worth showing. */
const few = 32;

/** `cultivar predict BUNDLE IMAGE...` */
export async function predict(bundle: string, paths: string[], options: PredictOptions): Promise<number> {
  const terminal = new Terminal(options);
  const { images, unread: lost } = await imagesIn(paths);
  const { kernel, settings } = await openKernel({ plugins: options.plugin, config: options.config, need: 'engines', counts: ['engine', 'maxPixels'], logger: terminal.logger });
  const interruption = listenForInterruption((text) => terminal.tell(text));
  const model = await open(kernel, bundle, { engine: options.engine ?? settings.engine, crops: options.crops, monteCarlo: options.dropout, logger: terminal.logger });
  try {
    const { predictions, unread: damaged } = await classifyAll(model, images, { top: options.top, maxPixels: options.maxPixels ?? settings.maxPixels }, terminal, interruption.signal);
    const unread = [...damaged, ...lost];
    terminal.close();
    const warnings = unusedDropout(options.dropout, { logger: terminal.logger, asOptions: true });
    terminal.result({ bundle: resolve(bundle), predictions, unread, warnings }, () => lines(predictions));
    for (const { reason } of unread.slice(0, 10)) terminal.logger.warn(reason);
    if (unread.length > 10) terminal.logger.warn(`${counted(unread.length - 10, 'more images')} could not be read; --json lists them all.`);
    if (interruption.signal.aborted) return 1;
    return unread.some(({ image }) => paths.includes(image)) || predictions.length === 0 ? 2 : 0;
  } finally {
    interruption.release();
    terminal.close();
    await model.dispose();
  }
}

async function classifyAll(bundle: OpenBundle, images: string[], { top, maxPixels }: { top: number; maxPixels?: number }, terminal: Terminal, signal: AbortSignal) {
  const predictions: Prediction[] = [];
  const unread: UnreadImage[] = [];
  const task = images.length > few ? terminal.progress.start('Classifying', images.length, 'images') : undefined;
  for await (const outcome of classifyEach(bundle, images, top, maxPixels)) {
    const image = images[predictions.length + unread.length] ?? '';
    if ('classes' in outcome) predictions.push({ image, classes: outcome.classes });
    else if (isCultivarError(outcome.error)) unread.push({ image, code: outcome.error.code, reason: outcome.error.message });
    else throw outcome.error;
    task?.advance();
    if (signal.aborted) break;
  }
  task?.finish();
  return { predictions, unread };
}

function lines(predictions: Prediction[]): string[] {
  return table(predictions.map(({ image, classes }) => [
    image,
    ...classes.flatMap(({ label, probability }) => [shortened(label, 40), percent(probability)]),
  ]), predictions[0]?.classes.reduce<('left' | 'right')[]>((align) => [...align, 'left', 'right'], ['left']));
}

/** Files as they were named; of folders every file, at any depth, that is not hidden. */
async function imagesIn(paths: string[]): Promise<{ images: string[]; unread: UnreadImage[] }> {
  const images: string[] = [];
  const unread: UnreadImage[] = [];
  for (const path of paths) {
    const entry = await stat(path).catch(() => undefined);
    if (!entry) throw failure('IMAGE_UNREADABLE', { path, reason: lostName(path) ?? 'there is no such file' });
    if (entry.isDirectory()) {
      const { tree, setAside } = await readFolderTree(path);
      const inside = filesOf(tree).map((file) => join(path, file));
      if (inside.length + setAside.length === 0) throw failure('IMAGES_NONE', { path });
      images.push(...inside.sort((a, b) => a.localeCompare(b, 'en')));
      unread.push(...setAside.map((one) => unreadable(join(path, one.path), one.reason)));
    } else images.push(path);
  }
  return { images, unread };
}

function unreadable(image: string, why: string): UnreadImage {
  const { code, message } = failure('IMAGE_UNREADABLE', { path: image, reason: why });
  return { image, code, reason: message };
}

const filesOf = ({ place, files, folders }: FolderTree): string[] => [...files.map((file) => join(place, file)), ...folders.flatMap(filesOf)];
