import { z } from '@cultivar/sdk';
import { findRate as study, studyPlugin, type RateStudy, type RateStudyOptions } from '@cultivar/study';
import { SettingUse } from '@cultivar/training';
import { checkArguments, checkPath, checkThere, surroundings, type Path } from './arguments.js';
import { trainingRequest } from './fine-tune.js';
import { openKernel } from './kernel.js';
import { attendedStudy, servicesOf, type Surroundings } from './services.js';
import { settingsSchema, type GivenSettings } from './settings.js';
import { readyBackend } from './tensorflow.js';
import { tellUnused, type Warned } from './unused-settings.js';

const itself = 'rates are tried for a few epochs each, with a schedule of their own';
const noModel = 'no model comes of it';
const aside = { out: noModel, resume: noModel, learningRate: itself, epochs: itself, schedule: itself, ensemble: noModel, metrics: noModel, exporters: noModel };

/** Settings as for `fineTune()`, of which those of the rate and of the output folder are not used, and the range of the study. */
export interface FindRateOptions extends Omit<GivenSettings, 'data' | 'out' | 'resume' | 'epochs' | 'learningRate' | 'schedule' | 'ensemble'>, RateStudyOptions, Surroundings {}

const own = { from: z.number().positive(), to: z.number().positive(), rangeEpochs: z.int().min(1), sweepEpochs: z.int().min(1) };
const used = settingsSchema.omit({ data: true, out: true, resume: true, epochs: true, learningRate: true, schedule: true, ensemble: true });
const schema = z.strictObject({ ...used.shape, ...own, ...surroundings } satisfies Record<keyof FindRateOptions, z.ZodType>).partial()
  .refine(({ from = 1e-5, to = 1 }) => from < to, 'from must be below to (by default they are 1e-5 and 1)');

/**
 * Finds a learning rate for fine-tuning on a folder of images: a sweep by powers of ten and a range test.
 * @param data folder of images or CSV file
 * @throws CultivarError as `fineTune()` does; PLAN_INVALID where the strategy trains nothing by steps
 */
export async function findRate(data: Path, options?: FindRateOptions, asOptions = false): Promise<RateStudy & Warned> {
  const call = 'findRate()';
  const folder = checkPath(data, 'data', call);
  const { plugins, config, signal, logger, progress, from, to, rangeEpochs, sweepEpochs, ...given } = checkArguments(schema, options, call);
  return attendedStudy({ signal, logger, progress }, async (attendance) => {
    checkThere(folder);
    const { kernel, settings: configured, configPath } = await openKernel({ plugins: [studyPlugin, ...(plugins ?? [])], config, logger: attendance.logger });
    const request = trainingRequest({ strategy: 'fine-tune-top', ...configured, ...given, resume: false, out: '.' }, folder);
    await readyBackend();
    const use = new SettingUse();
    const found = await study(kernel, request, { ...servicesOf(attendance), use }, { from, to, rangeEpochs, sweepEpochs });
    return { ...found, warnings: tellUnused(use, { given, configured, configPath, asOptions }, { logger: attendance.logger, aside }) };
  });
}
