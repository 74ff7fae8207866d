import { failure, figure, z, type Logger } from '@cultivar/sdk';
import { parseSearch, tune as tuneTraining, type FinishedTrial, type TuneOptions as StudyOptions, type TuneResult } from '@cultivar/study';
import { SettingUse, unusedWarning, type RunWarning } from '@cultivar/training';
import { checkArguments, checkPath, checkThere, listener, surroundings, type Path } from './arguments.js';
import { trainingRequest } from './fine-tune.js';
import { openKernel } from './kernel.js';
import { intoFolder, studyFolder } from './output-folder.js';
import { resolveReference, type Reference } from './references.js';
import { attendedStudy, servicesOf, type Surroundings } from './services.js';
import { settingsSchema, type GivenSettings, type Settings } from './settings.js';
import { readyBackend } from './tensorflow.js';
import { optionOf, tellUnused, unusedOptions, writtenSetting, type Origins, type Warned } from './unused-settings.js';

const aside = { learningRate: 'it is what is looked for', ensemble: 'trials are single models', metrics: 'trials keep no model', exporters: 'trials keep no model' };

export interface TuneOptions extends Omit<GivenSettings, 'data' | 'learningRate' | 'ensemble'>, Surroundings {
  /** `lecture`, the default: learn a few images by heart, then rate, batch size and weight decay in turn; `random` and `halving` search what `search` says. */
  method?: StudyOptions['method'];
  /** Such as `learningRate=log:1e-5..1e-2`, `batchSize=8|16|32`, `optimizer.weightDecay=log:1e-6..1e-2`. */
  search?: readonly string[];
  /** Points of a search. Default 20. */
  trials?: number;
  /** Told of each trial that has ended. */
  finished?: (trial: FinishedTrial) => void | Promise<void>;
}

const own = { method: z.enum(['lecture', 'random', 'halving']), search: z.array(z.string()), trials: z.int().min(1).max(1_000_000), finished: listener<FinishedTrial>() };
const schema = z.strictObject({ ...settingsSchema.omit({ data: true, learningRate: true, ensemble: true }).shape, ...own, ...surroundings } satisfies Record<keyof TuneOptions, z.ZodType>).partial();

/**
 * Looks for settings that lower the validation log-loss of a fine-tuning. Each trial is written down in `<out>/trials.jsonl` as it ends.
 * @param data folder of images or CSV file
 * @throws CultivarError as `fineTune()` does; SEARCH_INVALID, TUNE_LEARNS_NOTHING, TUNE_NO_RESULT
 */
export async function tune(data: Path, options?: TuneOptions, asOptions = false): Promise<TuneResult & Warned & { out: string }> {
  const call = 'tune()';
  const images = checkPath(data, 'data', call);
  const { plugins, config, signal, logger, progress, method = 'lecture', search = [], trials, finished, ...given } = checkArguments(schema, options, call);
  return attendedStudy({ signal, logger, progress }, async (attendance) => {
    checkThere(images);
    const { kernel, settings: configured, configPath } = await openKernel({ plugins, config, logger: attendance.logger });
    const { out, resume, epochs } = { ...configured, ...given };
    const space = parseSearch(search);
    if (method === 'halving' && space['epochs']) throw failure('SEARCH_INVALID', { search: search.find((text) => /^\s*epochs\s*=/.test(text))!, reason: 'method halving says itself how many epochs each point has' });
    const searched = method === 'lecture' ? {} : Object.fromEntries(search.map((text) => [text.slice(0, text.indexOf('=')).trim(), text]));
    await readyBackend();
    const folder = studyFolder('tune', images, { out, resume });
    return intoFolder(folder, out, async () => {
      const request = trainingRequest({ strategy: 'fine-tune-top', ...configured, ...given, resume: false, out: folder }, images);
      const use = new SettingUse();
      const result = await tuneTraining(kernel, request, { ...servicesOf(attendance), use }, { method, space, trials, epochs, finished: attendance.hear(finished), out: folder, resume });
      // Not the strategy that `train` has by default.
      const settings = { ...(request.strategy && { strategy: request.strategy }), ...result.best.settings };
      const origins = { given, configured, configPath, asOptions };
      const warnings = [
        ...tellUnused(use, { ...origins, searched }, { logger: attendance.logger, aside }),
        ...noBetterThanGuessing(result.best, attendance.logger),
        ...displaced(origins, Object.keys(searched), attendance.logger),
        ...(method === 'lecture' ? unusedOptions({ search: search.length > 0 ? search : undefined, trials }, 'method lecture has an order and values of its own; random and halving search', { logger: attendance.logger, asOptions }) : []),
      ];
      return { ...result, best: { ...result.best, settings }, out: folder, warnings };
    });
  });
}

/** Settings, and options of techniques, that the search sets. */
function displaced(origins: Origins, searched: readonly string[], logger: Logger): RunWarning[] {
  return searched.flatMap((name) => {
    const [setting, option] = name.split('.') as [keyof Settings, string | undefined];
    const said = writtenSetting(origins, setting);
    const value = origins.given[setting] ?? origins.configured[setting];
    if (!said || (option !== undefined && resolveReference(value as Reference)[option] === undefined)) return [];
    const warning = unusedWarning(option === undefined ? said : optionOf(said, option)!, 'it is searched');
    logger.warn(warning.message);
    return [warning];
  });
}

/** Of trials that all ruined the model, the best is still the best. */
function noBetterThanGuessing({ outcome: { loss, guessing = Infinity } }: FinishedTrial, logger: Logger): RunWarning[] {
  if (loss < guessing) return [];
  const message = `Even the best trial is worse than guessing (loss ${figure(loss)}; guessing: ${figure(guessing)}). Look at lower learning rates, or at the data.`;
  logger.warn(message);
  return [{ code: 'TRAINING_RUINED', message }];
}
