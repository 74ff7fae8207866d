import { z } from '@cultivar/sdk';
import { parseSearch, tune as tuneTraining, type FinishedTrial, type TuneOptions as StudyOptions, type TuneResult } from '@cultivar/study';
import { SettingUse } from '@cultivar/training';
import { resolve } from 'node:path';
import { asOptions, checkArguments, checkPath, checkThere, listener, surroundings, type Path } from './arguments.js';
import { trainingRequest } from './fine-tune.js';
import { openKernel } from './kernel.js';
import { freshFolder, intoFolder } from './output-folder.js';
import { attendedStudy, servicesOf, type Surroundings } from './services.js';
import { settingsSchema, type GivenSettings } from './settings.js';
import { readyBackend } from './tensorflow.js';
import { tellUnused, unusedOptions, type Warned } from './unused-settings.js';

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
const schema = z.strictObject({ ...settingsSchema.omit({ data: true, learningRate: true, ensemble: true }).shape, ...own, ...surroundings, asOptions } satisfies Record<keyof TuneOptions, z.ZodType>).partial();

/**
 * Looks for settings that lower the validation log-loss of a fine-tuning. Each trial is written down in `<out>/trials.jsonl` as it ends.
 * @param data folder of images or CSV file
 * @throws CultivarError as `fineTune()` does; SEARCH_INVALID, TUNE_LEARNS_NOTHING, TUNE_NO_RESULT
 */
export async function tune(data: Path, options?: TuneOptions): Promise<TuneResult & Warned & { out: string }> {
  const call = 'tune()';
  const images = checkPath(data, 'data', call);
  const { plugins, config, signal, logger, progress, asOptions: written, method = 'lecture', search = [], trials, epochs, finished, out, resume, ...given } = checkArguments(schema, options, call);
  return attendedStudy({ signal, logger, progress }, async (attendance) => {
    checkThere(images);
    const { kernel, settings: configured, configPath } = await openKernel({ plugins, config, logger: attendance.logger });
    const space = parseSearch(search);
    await readyBackend();
    const folder = out === undefined ? freshFolder(`tune-${images.replace(/[/\\]+$/, '').split(/[/\\]/).at(-1)}`, process.cwd()) : resolve(out);
    return intoFolder(folder, out, async () => {
      const request = trainingRequest({ strategy: 'fine-tune-top', ...configured, ...given, resume: false, out: folder }, images);
      const use = new SettingUse();
      const result = await tuneTraining(kernel, request, { ...servicesOf(attendance), use }, { method, space, trials, epochs, finished: attendance.hear(finished), out: folder, resume });
      // Not the strategy that `train` has by default.
      const settings = { ...(request.strategy && { strategy: request.strategy }), ...result.best.settings };
      const warnings = [
        ...tellUnused(use, { given, configured, configPath, asOptions: written }, { logger: attendance.logger, aside }),
        ...(method === 'lecture' ? unusedOptions({ search: search.length > 0 ? search : undefined, trials }, 'method lecture has an order and values of its own; random and halving search', { logger: attendance.logger, asOptions: written }) : []),
      ];
      return { ...result, best: { ...result.best, settings }, out: folder, warnings };
    });
  });
}
