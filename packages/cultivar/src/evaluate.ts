import { resolve } from 'node:path';
import { cropKinds, type Crops } from '@cultivar/data';
import { failure, z, type Logger, type Progress } from '@cultivar/sdk';
import { evaluateBundle, type Evaluation, type MonteCarlo } from '@cultivar/training';
import { checkArguments, checkPath, checkThere, surroundings, type Path } from './arguments.js';
import type { PluginEntry } from './define-config.js';
import { openKernel } from './kernel.js';
import { readingOf, readingSchema, type ReadingSettings } from './reading.js';
import { engineReference, type Reference } from './references.js';
import { servicesOf, stoppable } from './services.js';
import { reference } from './settings.js';
import { readyBackend } from './tensorflow.js';
import { unusedDropout, unusedOptions, type Warned } from './unused-settings.js';

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
  /** Configuration file, of which the plugins, the engine, `maxPixels` and what says how the data are to be understood are used; `true`: the one in the working folder, if any. Default `false`: none. */
  config?: Path | boolean;
  logger?: Logger;
  /** Told how far long work has come; a bar of your own, say. */
  progress?: Progress;
  signal?: AbortSignal;
}

/** How an answer is averaged. */
export const averaging = {
  crops: z.literal([...cropKinds]),
  monteCarlo: z.strictObject({ rate: z.number().min(0).lt(1), draws: z.int().min(1).max(100_000) }),
};
const schema = z.strictObject({ ...surroundings, ...averaging, ...readingSchema, engine: reference, keep: z.boolean(), maxPixels: z.int().min(1) } satisfies Record<keyof EvaluateOptions, z.ZodType>).partial();

/**
 * Measures a trained model on labelled images of the same classes.
 * @param bundle folder that `fineTune()` or `cultivar train` wrote
 * @param data folder of images or CSV file
 * @param asOptions the settings were given as options of the command line: so they are named in warnings
 * @throws CultivarError with a BUNDLE_ or DATA_ code; OUTPUT_WRITE; ARGUMENT_INVALID; EVALUATION_ABORTED
 */
export async function evaluate(bundle: Path, data: Path, options?: EvaluateOptions, asOptions = false): Promise<Evaluation & Warned> {
  const call = 'evaluate()';
  const folder = resolve(checkPath(bundle, 'bundle', call));
  const images = checkPath(data, 'data', call);
  const { plugins, config, engine, crops, monteCarlo, keep, maxPixels, split, classFolders, csv, ...around } = checkArguments(schema, options, call);
  return stoppable(around, (cause) => failure('EVALUATION_ABORTED', {}, cause), async (attendance) => {
    checkThere(images);
    const { kernel, settings } = await openKernel({ plugins, config, need: 'engines', counts: ['engine', 'maxPixels', 'split', 'classFolders', 'csv'], logger: attendance.logger });
    await readyBackend('weights');
    const reading = readingOf({ split: split ?? settings.split, classFolders: classFolders ?? settings.classFolders, csv: csv ?? settings.csv });
    const evaluation = await evaluateBundle(kernel, folder, images, servicesOf(attendance), { engine: engineReference(engine ?? settings.engine), crops, monteCarlo, keep, maxPixels: maxPixels ?? settings.maxPixels, reading });
    const told = { logger: attendance.logger, asOptions };
    const idle = keep && crops === undefined && monteCarlo === undefined;
    return { ...evaluation, warnings: [...(idle ? unusedOptions({ keep }, `neither ${asOptions ? '--crops nor --dropout' : 'crops nor monteCarlo'} says how the model is to predict from now on`, told) : []), ...unusedDropout(monteCarlo, told)] };
  });
}
