import { findRate as study, studyPlugin, type RateStudy, type RateStudyOptions } from '@cultivar/study';
import { trainingRequest, type FineTuneOptions } from './fine-tune.js';
import { openKernel } from './kernel.js';
import { servicesOf, type Surroundings } from './services.js';
import { checkSettings } from './settings.js';
import { readyBackend } from './tensorflow.js';

/** Settings as for `fineTune()`, of which those of the rate and of the output folder are not used, and the range of the study. */
export interface FindRateOptions extends Omit<FineTuneOptions, 'data' | 'out' | 'resume' | 'onEvent' | 'onProgress' | 'epochs' | 'learningRate' | 'schedule' | 'plugins' | 'config'>, RateStudyOptions, Surroundings {}

/**
 * Finds a learning rate for fine-tuning on a folder of images: a sweep by powers of ten and a range test.
 * @param data folder of images or CSV file
 * @throws CultivarError as `fineTune()` does; PLAN_INVALID where the strategy trains nothing by steps
 */
export async function findRate(data: string, options: FindRateOptions = {}): Promise<RateStudy> {
  const { plugins, config, signal, logger, progress, from, to, rangeEpochs, sweepEpochs, ...given } = options;
  const { kernel, settings: configured } = await openKernel({ plugins: [studyPlugin, ...(plugins ?? [])], config, logger });
  const settings = { strategy: 'fine-tune-top', ...configured, ...checkSettings(given, 'given to findRate()') };
  const request = trainingRequest({ ...settings, resume: false, out: '.' }, data);
  await readyBackend();
  return study(kernel, request, servicesOf({ signal, logger, progress }), { from, to, rangeEpochs, sweepEpochs });
}
