import { createKernel } from '@cultivar/kernel';
import { biasVariance, loadPictures, sharpness as studySharpness, type LearningCurvePoint } from '@cultivar/study';
import { preset } from '../preset.js';
import { readyBackend } from '../tensorflow.js';
import { crossValidate as validate, learningCurve as curve, type ValidationOptions } from '../validate.js';
import { listenForInterruption } from './interruption.js';
import { shownPath } from './next-step.js';
import { configured } from './options.js';
import { intoPictureFolder, writePictures } from './pictures.js';
import { evaluationLines } from './report.js';
import { Terminal } from './terminal.js';
import { figure, percent, table } from './words.js';

type Options = Omit<ValidationOptions, 'plugins' | 'config'> & { json?: boolean; quiet?: boolean; debug?: boolean; plugin?: string[]; config?: string };
interface DrawnOptions { json?: boolean; quiet?: boolean; debug?: boolean; seed?: number; out?: string }

/** `cultivar cross-validate DATA` */
export async function crossValidate(data: string, { json, quiet, debug, plugin, config, ...options }: Options & { folds?: number }): Promise<number> {
  const terminal = new Terminal({ json, quiet, debug });
  const interruption = listenForInterruption((text) => terminal.tell(text));
  try {
    const found = await validate(data, { ...options, plugins: plugin, config: configured(config), logger: terminal.logger, progress: terminal.progress, signal: interruption.signal }, true);
    terminal.close();
    terminal.result(found, () => [
      ...table([
        ['fold', 'images', 'accuracy', 'loss'],
        ...found.folds.map((fold, index) => [String(index + 1), String(fold.images), percent(fold.accuracy), figure(fold.loss)]),
      ], ['right', 'right', 'right', 'right']),
      `mean accuracy ${percent(found.accuracy.mean)}, standard deviation ${percent(found.accuracy.standardDeviation)}`,
      '',
      ...evaluationLines(found.pooled),
      '',
      `The models of the folds are in ${shownPath(found.out)}`,
    ]);
    return 0;
  } finally {
    interruption.release();
    terminal.close();
  }
}

/** `cultivar study learning-curve DATA` */
export async function learningCurve(data: string, { json, quiet, debug, plugin, config, ...options }: Options & { sizes?: number[] }): Promise<number> {
  const terminal = new Terminal({ json, quiet, debug });
  const interruption = listenForInterruption((text) => terminal.tell(text));
  try {
    const { drawLearningCurve } = await loadPictures();
    const { points, out, warnings } = await curve(data, { ...options, plugins: plugin, config: configured(config), logger: terminal.logger, progress: terminal.progress, signal: interruption.signal }, true);
    const pictures = await writePictures(out, { 'learning-curve.svg': drawLearningCurve(points) });
    terminal.close();
    terminal.result({ points, pictures, warnings }, () => [...curveLines(points), '', `Pictures: ${pictures.join(', ')}`]);
    return 0;
  } finally {
    interruption.release();
    terminal.close();
  }
}

function curveLines(points: readonly LearningCurvePoint[]): string[] {
  return table([
    ['of each class', 'images', 'accuracy', '95 %', 'loss', 'training loss'],
    ...points.map(({ perClass, images, accuracy, low, high, loss, trainLoss }) => [
      String(perClass), String(images), percent(accuracy), `${percent(low)} to ${percent(high)}`, figure(loss), figure(trainLoss),
    ]),
  ], Array.from({ length: 6 }, () => 'right' as const));
}

/** `cultivar study bias-variance` */
export async function biasAndVariance({ json, quiet, debug, seed, out }: DrawnOptions): Promise<number> {
  const terminal = new Terminal({ json, quiet, debug });
  const { drawBiasVariance } = await loadPictures();
  const parts = biasVariance({ seed });
  const pictures = await intoPictureFolder('bias-variance', out, (folder) => writePictures(folder, { 'bias-variance.svg': drawBiasVariance(parts) }));
  terminal.result({ parts, pictures }, () => [
    ...table([
      ['neighbours', 'bias', 'variance', 'noise', 'sum', 'measured error'],
      ...parts.map(({ neighbours, bias, variance, noise, error }) => [String(neighbours), ...[bias, variance, noise, bias + variance + noise, error].map((value) => figure(value))]),
    ], Array.from({ length: 6 }, () => 'right' as const)),
    '', `Pictures: ${pictures.join(', ')}`,
  ]);
  return 0;
}

/** `cultivar study sharpness` */
export async function sharpness({ json, quiet, debug, seed, out }: DrawnOptions): Promise<number> {
  const { drawSharpness } = await loadPictures();
  const terminal = new Terminal({ json, quiet, debug });
  const interruption = listenForInterruption((text) => terminal.tell(text));
  const kernel = await createKernel({ plugins: preset });
  await readyBackend();
  try {
    const [minima, pictures] = await intoPictureFolder('sharpness', out, async (folder) => {
      const run = kernel.openRun({ seed: seed ?? 0, outputFolder: folder, logger: terminal.logger, progress: terminal.progress, signal: interruption.signal });
      try {
        const found = await studySharpness(run);
        return [found, await writePictures(folder, { 'sharpness.svg': drawSharpness(found) })] as const;
      } finally {
        await run.dispose();
      }
    });
    terminal.result({ minima, pictures }, () => [
      ...table([
        ['batch size', 'epochs', 'training loss', 'training accuracy', 'test accuracy', 'sharpness'],
        ...minima.map((minimum) => [String(minimum.batchSize), String(minimum.epochs), figure(minimum.trainLoss), percent(minimum.trainAccuracy), percent(minimum.testAccuracy), figure(minimum.sharpness, 3)]),
      ], Array.from({ length: 6 }, () => 'right' as const)),
      '', `Pictures: ${pictures.join(', ')}`,
    ]);
    return 0;
  } finally {
    interruption.release();
    terminal.close();
  }
}
