import { z } from '@cultivar/sdk';
import { crossValidate as study, learningCurve as curve, type CrossValidation, type LearningCurvePoint } from '@cultivar/study';
import { SettingUse, type RunWarning, type TrainingRequest, type TrainingServices } from '@cultivar/training';
import type { Kernel } from '@cultivar/kernel';
import { checkArguments, checkPath, checkThere, surroundings, type Path } from './arguments.js';
import { trainingRequest } from './fine-tune.js';
import { openKernel } from './kernel.js';
import { intoFolder, studyFolder } from './output-folder.js';
import { attendedStudy, servicesOf, type Surroundings } from './services.js';
import { settingsSchema, type GivenSettings, type Settings } from './settings.js';
import { readyBackend } from './tensorflow.js';
import { tellUnused, unusedOptions, type Warned } from './unused-settings.js';

/** Settings as for `fineTune()`, without an ensemble. */
export interface ValidationOptions extends Omit<GivenSettings, 'data' | 'ensemble'>, Surroundings {}

const shared = { ...settingsSchema.omit({ data: true, ensemble: true }).shape, ...surroundings } satisfies Record<keyof ValidationOptions, z.ZodType>;
const crossValidationSchema = z.strictObject({ ...shared, folds: z.int().min(2) }).partial();
const learningCurveSchema = z.strictObject({ ...shared, sizes: z.array(z.int().min(1)).min(1) }).partial()
  .refine(({ sizes = [] }) => sizes.every((size, index) => index === 0 || size > sizes[index - 1]!), { path: ['sizes'], message: 'they must ascend' });

/**
 * K-fold cross-validation of a whole training, with the folds that the data bring or stratified ones.
 * @param data folder of images or CSV file
 * @param options `folds`: 2..; default those that the data bring, or 5
 * @throws CultivarError as `fineTune()` does
 */
export async function crossValidate(data: Path, options?: ValidationOptions & { folds?: number }, asOptions = false): Promise<CrossValidation & Warned & { out: string }> {
  const call = 'crossValidate()';
  const images = checkPath(data, 'data', call);
  const { folds, ...given } = checkArguments(crossValidationSchema, options, call);
  return ready('cross-validate', images, given, asOptions, async (kernel, request, services) => study(kernel, request, folds, services));
}

/**
 * How good a training is with ever more images of each class.
 * @param data folder of images or CSV file
 * @param options `sizes`: images of each class, ascending; default 5, 10, 20, 40, 80
 * @throws CultivarError as `fineTune()` does
 */
export async function learningCurve(data: Path, options?: ValidationOptions & { sizes?: readonly number[] }, asOptions = false): Promise<Warned & { points: LearningCurvePoint[]; out: string }> {
  const call = 'learningCurve()';
  const images = checkPath(data, 'data', call);
  const { sizes: asked, ...given } = checkArguments(learningCurveSchema, options, call);
  const sizes = asked ?? [5, 10, 20, 40, 80];
  return ready('learning-curve', images, given, asOptions, async (kernel, request, services) => {
    const points = await curve(kernel, request, sizes, services);
    const left = asked?.filter((size) => !points.some(({ perClass }) => perClass === size)) ?? [];
    return { points, warnings: left.length > 0 ? unusedOptions({ sizes: left }, 'no class has more images to train on than at the size before', { logger: services.logger, asOptions }) : [] };
  });
}

type Checked = Settings & Omit<Surroundings, 'config'> & { config?: string | boolean };

async function ready<Result extends object & { warnings?: RunWarning[] }>(
  name: string, data: string, { plugins, config, signal, logger, progress, ...given }: Checked, asOptions: boolean, work: (kernel: Kernel, request: TrainingRequest, services: TrainingServices & { use: SettingUse }) => Promise<Result>,
): Promise<Result & Warned & { out: string }> {
  return attendedStudy({ signal, logger, progress }, async (attendance) => {
    checkThere(data);
    const { kernel, settings: configured, configPath } = await openKernel({ plugins, config, logger: attendance.logger });
    const all = { ...configured, ...given };
    await readyBackend();
    const request = trainingRequest({ ...all, out: studyFolder(name, data, all) }, data);
    return intoFolder(request.out, all.out, async () => {
      const use = new SettingUse();
      const result = await work(kernel, request, { ...servicesOf(attendance), use });
      const warnings = tellUnused(use, { given, configured, configPath, asOptions }, { logger: attendance.logger, aside: { ensemble: 'each training is of a single model' } });
      return { ...result, out: request.out, warnings: [...result.warnings ?? [], ...warnings] };
    });
  });
}
