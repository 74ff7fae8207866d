import { crossValidate as study, learningCurve as curve, type CrossValidation, type LearningCurvePoint } from '@cultivar/study';
import { trainingRequest, type FineTuneOptions } from './fine-tune.js';
import { openKernel } from './kernel.js';
import { intoFolder } from './output-folder.js';
import { servicesOf, type Surroundings } from './services.js';
import { checkSettings } from './settings.js';
import { SettingUse } from '@cultivar/training';
import { tellUnused, type Warned } from './unused-settings.js';
import { readyBackend } from './tensorflow.js';

/** Settings as for `fineTune()`, without an ensemble. */
export interface ValidationOptions extends Omit<FineTuneOptions, 'data' | 'onEvent' | 'onProgress' | 'plugins' | 'config' | 'ensemble'>, Surroundings {}

/**
 * K-fold cross-validation of a whole training, with the folds that the data bring or stratified ones.
 * @param data folder of images or CSV file
 * @param folds 2..; default those that the data bring, or 5
 * @throws CultivarError as `fineTune()` does
 */
export async function crossValidate(data: string, { folds, ...options }: ValidationOptions & { folds?: number } = {}): Promise<CrossValidation & Warned & { out: string }> {
  const { kernel, request, given, services, tell } = await ready(data, options, 'given to crossValidate()');
  return intoFolder(request.out, given, async () => ({ ...await study(kernel, request, folds, services), out: request.out, warnings: tell() }));
}

/**
 * How good a training is with ever more images of each class.
 * @param data folder of images or CSV file
 * @param sizes images of each class, ascending; default 5, 10, 20, 40, 80
 * @throws CultivarError as `fineTune()` does
 */
export async function learningCurve(data: string, { sizes = [5, 10, 20, 40, 80], ...options }: ValidationOptions & { sizes?: readonly number[] } = {}): Promise<Warned & { points: LearningCurvePoint[]; out: string }> {
  const { kernel, request, given, services, tell } = await ready(data, options, 'given to learningCurve()');
  return intoFolder(request.out, given, async () => ({ points: await curve(kernel, request, sizes, services), out: request.out, warnings: tell() }));
}

async function ready(data: string, { plugins, config, signal, logger, progress, asOptions, ...given }: ValidationOptions, where: string) {
  const { kernel, settings: configured, configPath } = await openKernel({ plugins, config, logger });
  const own = checkSettings({ ...given }, where);
  const all = { ...configured, ...own };
  await readyBackend();
  const request = trainingRequest(all, data);
  const use = new SettingUse();
  const tell = () => tellUnused(use, { given: own, configured, configPath, asOptions }, { logger, aside: { ensemble: 'each training is of a single model' } });
  return { kernel, request, given: all.out, services: { ...servicesOf({ signal, logger, progress }), use }, tell };
}
