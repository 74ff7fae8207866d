import { checkForTraining } from '@cultivar/data';
import { createRandom } from '@cultivar/kernel';
import { readingOf, type ReadingSettings } from '../reading.js';
import { checkSettings } from '../settings.js';
import { listenForInterruption } from './interruption.js';
import { datasetLines } from './report.js';
import { Terminal } from './terminal.js';

interface CheckOptions extends ReadingSettings {
  json?: boolean;
  quiet?: boolean;
  debug?: boolean;
  maxPixels?: number;
}

/** `cultivar data check DATA`: what `train` would see, without training; it fails where `train` would, with the same code. */
export async function check(data: string, options: CheckOptions): Promise<number> {
  const terminal = new Terminal(options);
  // The result lists these files; where there is none, they are why.
  const leftOut: string[] = [];
  const interruption = listenForInterruption((text) => terminal.tell(text));
  try {
    const { split, classFolders, csv } = options;
    const reading = readingOf(checkSettings({ split, classFolders, csv }, 'command line'));
    const { dataset } = await checkForTraining(data, { reading, random: createRandom(0).child('split'), maximumPixels: options.maxPixels, logger: terminal.logger, leftOutLogger: { ...terminal.logger, warn: (line) => leftOut.push(line) }, progress: terminal.progress, signal: interruption.signal });
    terminal.close();
    const perClass = dataset.classes.map((label, index) => ({ label, images: dataset.samples.filter((sample) => sample.label === index).length }));
    terminal.result({
      data: dataset.root, layout: dataset.layout, understood: dataset.understood, images: dataset.samples.length, perClass,
      setAside: dataset.setAside, duplicates: dataset.duplicates, contentHash: dataset.contentHash,
    }, () => datasetLines(dataset));
    return 0;
  } catch (error) {
    for (const line of leftOut) terminal.logger.warn(line);
    throw error;
  } finally {
    interruption.release();
    terminal.close();
  }
}
