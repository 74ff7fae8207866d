import { parseSearch, tune as tuneTraining, type TuneOptions as StudyOptions, type TuneResult } from '@cultivar/study';
import { resolve } from 'node:path';
import { trainingRequest, type FineTuneOptions } from './fine-tune.js';
import { openKernel } from './kernel.js';
import { freshFolder, intoFolder } from './output-folder.js';
import { servicesOf, type Surroundings } from './services.js';
import { checkSettings } from './settings.js';
import { SettingUse } from '@cultivar/training';
import { tellUnused, unusedOptions, type Warned } from './unused-settings.js';
import { readyBackend } from './tensorflow.js';

const aside = { learningRate: 'it is what is looked for', ensemble: 'trials are single models', metrics: 'trials keep no model', exporters: 'trials keep no model' };

export interface TuneOptions extends Omit<FineTuneOptions, 'data' | 'onEvent' | 'onProgress' | 'learningRate' | 'plugins' | 'config' | 'ensemble'>, Surroundings {
  /** `lecture`, the default: learn a few images by heart, then rate, batch size and weight decay in turn; `random` and `halving` search what `search` says. */
  method?: StudyOptions['method'];
  /** Such as `learningRate=log:1e-5..1e-2`, `batchSize=8|16|32`, `optimizer.weightDecay=log:1e-6..1e-2`. */
  search?: readonly string[];
  /** Points of a search. Default 20. */
  trials?: number;
  /** Told of each trial that has ended. */
  finished?: StudyOptions['finished'];
}

/**
 * Looks for settings that lower the validation log-loss of a fine-tuning. Each trial is written down in `<out>/trials.jsonl` as it ends.
 * @param data folder of images or CSV file
 * @throws CultivarError as `fineTune()` does; SEARCH_INVALID, TUNE_LEARNS_NOTHING, TUNE_NO_RESULT
 */
export async function tune(data: string, options: TuneOptions = {}): Promise<TuneResult & Warned & { out: string }> {
  const { plugins, config, signal, logger, progress, asOptions, method = 'lecture', search = [], trials, epochs, finished, out, resume, ...given } = options;
  const { kernel, settings: configured, configPath } = await openKernel({ plugins, config, logger });
  const checked = checkSettings({ ...given }, 'given to tune()');
  const space = parseSearch(search);
  await readyBackend();
  const folder = out === undefined ? freshFolder(`tune-${data.replace(/[/\\]+$/, '').split(/[/\\]/).at(-1)}`, process.cwd()) : resolve(out);
  return intoFolder(folder, out, async () => {
    const request = trainingRequest({ strategy: 'fine-tune-top', ...configured, ...checked, resume: false, out: folder }, data);
    const use = new SettingUse();
    const result = await tuneTraining(kernel, request, { ...servicesOf({ signal, logger, progress }), use }, { method, space, trials, epochs, finished, out: folder, resume });
    // Not the strategy that `train` has by default.
    const settings = { ...(request.strategy && { strategy: request.strategy }), ...result.best.settings };
    const warnings = [
      ...tellUnused(use, { given: checked, configured, configPath, asOptions }, { logger, aside }),
      ...(method === 'lecture' ? unusedOptions({ search: search.length > 0 ? search : undefined, trials }, 'method lecture has an order and values of its own; random and halving search', { logger, asOptions }) : []),
    ];
    return { ...result, best: { ...result.best, settings }, out: folder, warnings };
  });
}
