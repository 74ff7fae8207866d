import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Crops } from '@cultivar/data';
import { failure, isCultivarError } from '@cultivar/sdk';
import { systemReason } from '@cultivar/sdk/internal';
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
  const images = await imagesIn(paths);
  const { kernel, settings } = await openKernel({ plugins: options.plugin, config: options.config, need: 'engines', counts: ['engine', 'maxPixels'], logger: terminal.logger });
  const interruption = listenForInterruption((text) => terminal.tell(text));
  const model = await open(kernel, bundle, { engine: options.engine ?? settings.engine, crops: options.crops, monteCarlo: options.dropout, logger: terminal.logger });
  try {
    const { predictions, unread } = await classifyAll(model, images, { top: options.top, maxPixels: options.maxPixels ?? settings.maxPixels }, terminal, interruption.signal);
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
async function imagesIn(paths: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const entry = await stat(path).catch(() => undefined);
    if (!entry) throw failure('IMAGE_UNREADABLE', { path, reason: 'there is no such file' });
    if (entry.isDirectory()) {
      const inside = await filesUnder(path);
      if (inside.length === 0) throw failure('IMAGES_NONE', { path });
      found.push(...inside);
    } else found.push(path);
  }
  return found;
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw failure('DATA_UNREADABLE', { path: folder, reason: systemReason(error) }, error);
  });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name, 'en'))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...await filesUnder(path));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}
