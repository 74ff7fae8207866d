import { resolve } from 'node:path';
import type { Crops } from '@cultivar/data';
import type { MonteCarlo } from '@cultivar/training';
import { evaluate as evaluateModel } from '../evaluate.js';
import type { ReadingSettings } from '../reading.js';
import { listenForInterruption } from './interruption.js';
import { evaluationLines } from './report.js';
import { Terminal } from './terminal.js';

interface EvaluateOptions extends ReadingSettings {
  json?: boolean;
  quiet?: boolean;
  debug?: boolean;
  plugin?: string[];
  config?: string;
  engine?: string;
  crops?: Crops;
  dropout?: MonteCarlo;
  keep?: boolean;
  maxPixels?: number;
}

/** `cultivar evaluate BUNDLE DATA` */
export async function evaluate(bundle: string, data: string, options: EvaluateOptions): Promise<number> {
  const terminal = new Terminal(options);
  const interruption = listenForInterruption((text) => terminal.tell(text));
  const began = performance.now();
  try {
    const { warnings, ...metrics } = await evaluateModel(bundle, data, {
      engine: options.engine, crops: options.crops, monteCarlo: options.dropout, keep: options.keep, maxPixels: options.maxPixels, plugins: options.plugin, config: options.config,
      split: options.split, classFolders: options.classFolders, csv: options.csv,
      logger: terminal.logger, progress: terminal.progress, signal: interruption.signal,
    }, true);
    const seconds = (performance.now() - began) / 1000;
    terminal.close();
    terminal.result({ bundle: resolve(bundle), data: resolve(data), seconds, metrics, warnings }, () => evaluationLines(metrics));
    return 0;
  } finally {
    interruption.release();
    terminal.close();
  }
}
