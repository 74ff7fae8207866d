import { loadPictures, type InitializerTrial } from '@cultivar/study';
import { compareInitializers, compareOptimizers, type OptimizerComparison } from '../compare.js';
import type { ReadingSettings } from '../reading.js';
import { listenForInterruption } from './interruption.js';
import { configured } from './options.js';
import { intoPictureFolder, writePictures } from './pictures.js';
import { Terminal } from './terminal.js';
import { figure, percent, significant, table } from './words.js';

interface CompareOptions {
  json?: boolean;
  quiet?: boolean;
  debug?: boolean;
  plugin?: string[];
  config?: string;
  seed?: number;
  out?: string;
}

/** `cultivar compare initializers [NAME...]` */
export async function initializers(names: readonly string[], options: CompareOptions & { layers?: number; units?: number; samples?: number }): Promise<number> {
  const terminal = new Terminal(options);
  const { drawInitializers } = await loadPictures();
  const { plugin: plugins, config, layers, units, samples, seed, out } = options;
  const [trials, pictures] = await intoPictureFolder('compare-initializers', out, async (folder) => {
    const found = await compareInitializers({ ...(names.length > 0 && { initializers: names }), plugins, config: configured(config), layers, units, samples, seed, logger: terminal.logger });
    return [found, await writePictures(folder, drawInitializers(found))] as const;
  });
  terminal.result({ trials, pictures }, () => [...initializerLines(trials), '', `Pictures: ${pictures.join(', ')}`]);
  return 0;
}

function initializerLines(trials: readonly InitializerTrial[]): string[] {
  return [...new Set(trials.map(({ activation }) => activation))].flatMap((activation, index) => [
    ...(index > 0 ? [''] : []),
    `${activation}: deviation of outputs and of gradients, layer by layer from first to last`,
    ...table([
      ['initializer', '', 'outputs', '', '', 'gradients', '', '', 'saturated', 'units that differ'],
      ...trials.filter((trial) => trial.activation === activation).map(({ initializer, verdict, layers }) => {
        const shown = [layers[0]!, layers[Math.floor((layers.length - 1) / 2)]!, layers.at(-1)!];
        const last = shown[2]!;
        return [
          initializer, verdict, ...shown.map((layer) => significant(layer.activation.deviation)), ...shown.map((layer) => significant(layer.gradient.deviation)),
          percent(last.saturated), String(last.distinct),
        ];
      }),
    ], ['left', 'left', ...Array.from({ length: 8 }, () => 'right' as const)]),
  ]);
}

/** `cultivar compare optimizers [NAME...]` */
export async function optimizers(
  names: readonly string[], options: CompareOptions & ReadingSettings & { data?: string; backbone?: string; engine?: string; strategy?: string; epochs?: number; batchSize?: number; maxPixels?: number },
): Promise<number> {
  const terminal = new Terminal(options);
  const interruption = listenForInterruption((text) => terminal.tell(text));
  const { plugin: plugins, config, data, backbone, engine, strategy, epochs, batchSize, maxPixels, seed, out, split, classFolders, csv } = options;
  try {
    const { drawCurves, drawPaths } = await loadPictures();
    const [found, pictures] = await intoPictureFolder('compare-optimizers', out, async (folder) => {
      const compared = await compareOptimizers({
        ...(names.length > 0 && { optimizers: names }), data, backbone, engine, strategy, epochs, batchSize, maxPixels, seed, split, classFolders, csv, plugins, config: configured(config), logger: terminal.logger, progress: terminal.progress, signal: interruption.signal,
      }, true);
      return [compared, await writePictures(folder, { ...drawPaths(compared.paths), ...(compared.curves.length > 0 && drawCurves(compared.curves)) })] as const;
    });
    terminal.close();
    terminal.result({ ...found, pictures }, () => [...optimizerLines(found), '', `Pictures: ${pictures.join(', ')}`]);
    return 0;
  } finally {
    interruption.release();
    terminal.close();
  }
}

function optimizerLines({ paths, curves }: OptimizerComparison): string[] {
  const surfaces = [...new Set(paths.map(({ surface }) => surface))];
  const names = [...new Set(paths.map(({ optimizer }) => optimizer))];
  const cell = (name: string, surface: string) => {
    const one = paths.find((path) => path.optimizer === name && path.surface === surface)!;
    return `${significant(one.value, 3)} at ${one.rate}`;
  };
  return [
    'Value at the end of the path, and the rate:',
    ...table([['', ...surfaces], ...names.map((name) => [name, ...surfaces.map((surface) => cell(name, surface))])], ['left', ...surfaces.map(() => 'right' as const)]),
    ...(curves.length === 0 ? [] : [
      '',
      'On the images, at the best of the rates tried:',
      ...table([
        ['', 'rate', 'training loss', 'validation loss', 'accuracy'],
        ...curves.map(({ optimizer, rate, steps, epochs }) => [
          optimizer, rate === null ? 'diverged' : String(rate), figure(steps.at(-1)?.smoothed), figure(epochs.at(-1)?.validationLoss), percent(epochs.at(-1)?.validationAccuracy),
        ]),
      ], ['left', 'right', 'right', 'right', 'right']),
    ]),
  ];
}
