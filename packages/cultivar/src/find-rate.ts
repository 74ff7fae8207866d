import { findRate as study, studyPlugin, type RateStudy, type RateStudyOptions } from '@cultivar/study';
import { trainingRequest, type FineTuneOptions } from './fine-tune.js';
import { openKernel } from './kernel.js';
import { servicesOf, type Surroundings } from './services.js';
import { checkSettings } from './settings.js';
import { SettingUse } from '@cultivar/training';
import { tellUnused, type Warned } from './unused-settings.js';
import { readyBackend } from './tensorflow.js';

const itself = 'rates are tried for a few epochs each, with a schedule of their own';
const noModel = 'no model comes of it';
const aside = { learningRate: itself, epochs: itself, schedule: itself, ensemble: noModel, metrics: noModel, exporters: noModel };

/** Settings as for `fineTune()`, of which those of the rate and of the output folder are not used, and the range of the study. */
export interface FindRateOptions extends Omit<FineTuneOptions, 'data' | 'out' | 'resume' | 'onEvent' | 'onProgress' | 'epochs' | 'learningRate' | 'schedule' | 'plugins' | 'config'>, RateStudyOptions, Surroundings {}

/**
 * Finds a learning rate for fine-tuning on a folder of images: a sweep by powers of ten and a range test.
 * @param data folder of images or CSV file
 * @throws CultivarError as `fineTune()` does; PLAN_INVALID where the strategy trains nothing by steps
 */
export async function findRate(data: string, options: FindRateOptions = {}): Promise<RateStudy & Warned> {
  const { plugins, config, signal, logger, progress, asOptions, from, to, rangeEpochs, sweepEpochs, ...given } = options;
  const { kernel, settings: configured, configPath } = await openKernel({ plugins: [studyPlugin, ...(plugins ?? [])], config, logger });
  const own = checkSettings(given, 'given to findRate()');
  const settings = { strategy: 'fine-tune-top', ...configured, ...own };
  const request = trainingRequest({ ...settings, resume: false, out: '.' }, data);
  await readyBackend();
  const use = new SettingUse();
  const found = await study(kernel, request, { ...servicesOf({ signal, logger, progress }), use }, { from, to, rangeEpochs, sweepEpochs });
  return { ...found, warnings: tellUnused(use, { given: own, configured, configPath, asOptions }, { logger, aside }) };
}
