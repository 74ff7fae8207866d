import { scanDataset } from '@cultivar/data';
import { listenForInterruption } from './interruption.js';
import { datasetLines } from './report.js';
import { Terminal } from './terminal.js';

interface CheckOptions {
  json?: boolean;
  quiet?: boolean;
  debug?: boolean;
  maxPixels?: number;
}

/** `cultivar data check DATA`: what training would see, without training. */
export async function check(data: string, options: CheckOptions): Promise<number> {
  const terminal = new Terminal(options);
  const interruption = listenForInterruption((text) => terminal.tell(text));
  try {
    const dataset = await scanDataset(data, { decode: true, maximumPixels: options.maxPixels, logger: terminal.logger, progress: terminal.progress, signal: interruption.signal });
    terminal.close();
    const perClass = dataset.classes.map((label, index) => ({ label, images: dataset.samples.filter((sample) => sample.label === index).length }));
    terminal.result({
      data: dataset.root, layout: dataset.layout, images: dataset.samples.length, perClass,
      setAside: dataset.setAside, duplicates: dataset.duplicates, contentHash: dataset.contentHash,
    }, () => datasetLines(dataset));
    return 0;
  } finally {
    interruption.release();
    terminal.close();
  }
}
