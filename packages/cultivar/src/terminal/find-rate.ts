import { loadPictures, type RateStudy } from '@cultivar/study';
import { findRate as find, type FindRateOptions } from '../find-rate.js';
import { nameOfData } from '../output-folder.js';
import { listenForInterruption } from './interruption.js';
import { configured } from './options.js';
import { intoPictureFolder, writePictures } from './pictures.js';
import { Terminal } from './terminal.js';
import { figure, percent, table } from './words.js';

type Options = Omit<FindRateOptions, 'plugins' | 'config'> & { json?: boolean; quiet?: boolean; debug?: boolean; plugin?: string[]; config?: string; out?: string };

/** `cultivar find-rate DATA`: 0 where a rate is suggested, 1 where none of those tried is any good. */
export async function findRate(data: string, { json, quiet, debug, plugin, config, out, ...options }: Options): Promise<number> {
  const terminal = new Terminal({ json, quiet, debug });
  const interruption = listenForInterruption((text) => terminal.tell(text));
  try {
    const { drawRates } = await loadPictures();
    const [study, pictures] = await intoPictureFolder(`find-rate-${nameOfData(data)}`, out, async (folder) => {
      const found = await find(data, { ...options, plugins: plugin, config: configured(config), logger: terminal.logger, progress: terminal.progress, signal: interruption.signal }, true);
      return [found, await writePictures(folder, drawRates(found))] as const;
    });
    terminal.close();
    terminal.result({ ...study, pictures }, () => [...lines(study), '', `Pictures: ${pictures.join(', ')}`]);
    return study.suggestion === null ? 1 : 0;
  } finally {
    interruption.release();
    terminal.close();
  }
}

const held = (value: number | null): string => (value === null ? 'diverged' : figure(value));

function lines({ suggestion, reason, sweep }: RateStudy): string[] {
  return [
    ...table([
      ['rate', 'training loss', 'validation loss', 'accuracy'],
      ...sweep.map(({ rate, loss, validationLoss, validationAccuracy }) => [rate.toExponential(0), held(loss), held(validationLoss), validationAccuracy === null ? '' : percent(validationAccuracy)]),
    ], ['right', 'right', 'right', 'right']),
    '',
    suggestion === null ? 'Suggested: none' : `Suggested: --learning-rate ${Number(suggestion.toPrecision(2))}`,
    `  ${reason}`,
  ];
}
