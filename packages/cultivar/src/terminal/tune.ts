import type { ContributionReference } from '@cultivar/sdk';
import { written } from '@cultivar/kernel';
import { loadPictures, type FinishedTrial } from '@cultivar/study';
import { tune as search, type TuneOptions } from '../tune.js';
import { listenForInterruption } from './interruption.js';
import { command } from './next-step.js';
import { configured } from './options.js';
import { writePictures } from './pictures.js';
import { Terminal } from './terminal.js';
import { duration, figure, percent, quoted, table } from './words.js';

type Options = Omit<TuneOptions, 'plugins' | 'config'> & { json?: boolean; quiet?: boolean; debug?: boolean; plugin?: string[]; config?: string };

/** `cultivar tune DATA` */
export async function tune(data: string, { json, quiet, debug, plugin, config, ...options }: Options): Promise<number> {
  const terminal = new Terminal({ json, quiet, debug });
  const interruption = listenForInterruption((text) => terminal.tell(text));
  try {
    const { drawTrials } = await loadPictures();
    const found = await search(data, {
      ...options, plugins: plugin, config: configured(config), logger: terminal.logger, progress: terminal.progress, signal: interruption.signal,
      finished: (trial) => terminal.say(`  ${trial.purpose}: ${settingsInWords(trial)}: loss ${figure(trial.outcome.loss)}`),
    }, true);
    const pictures = await writePictures(found.out, drawTrials(found.trials));
    terminal.close();
    terminal.result({ ...found, pictures }, () => [...lines(found.trials), '', `Best: ${settingsInWords(found.best)}`, `  ${command} train ${quoted(data)} ${commandOptions(found.best)}`, `Pictures: ${pictures.join(', ')}`]);
    return 0;
  } finally {
    interruption.release();
    terminal.close();
  }
}

const told = (value: unknown): string => (typeof value === 'object' && value !== null ? written(value as ContributionReference) : String(value));

/** What the trial sets that a person would look at. */
const shown = ({ settings }: FinishedTrial) => Object.entries(settings).filter(([, value]) => value !== undefined && !Array.isArray(value));

function settingsInWords(trial: FinishedTrial): string {
  return shown(trial).map(([name, value]) => `${name} ${told(value)}`).join(', ');
}

/** What is given more than once. */
const repeated: Readonly<Record<string, string>> = { augmentations: 'augment', regularizers: 'regularize' };

/** As options of `cultivar train`; what the trial did without, where `train` by default does not, is said too. */
export function commandOptions({ settings }: Pick<FinishedTrial, 'settings'>): string {
  const option = (name: string, value: unknown): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${quoted(told(value))}`;
  return Object.entries(settings).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (!Array.isArray(value)) return [option(name, value)];
    if (name === 'augmentations' && value.length === 0) return ['--augment none'];
    return value.map((one) => option(repeated[name] ?? name, one));
  }).join(' ');
}

function lines(trials: readonly FinishedTrial[]): string[] {
  return table([
    ['tried for', 'settings', 'loss', 'accuracy', 'training loss', 'time'],
    ...trials.map((trial) => [
      trial.purpose, settingsInWords(trial), trial.outcome.problem ?? figure(trial.outcome.loss), percent(trial.outcome.accuracy), figure(trial.outcome.trainLoss), duration(trial.outcome.seconds),
    ]),
  ], ['left', 'left', 'right', 'right', 'right', 'right']);
}
