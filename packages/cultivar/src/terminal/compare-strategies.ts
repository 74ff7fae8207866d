import { loadPictures, type ComparedStrategy, type StrategyTrial } from '@cultivar/study';
import { compareStrategies, type CompareStrategiesOptions } from '../compare.js';
import { listenForInterruption } from './interruption.js';
import { configured } from './options.js';
import { writePictures } from './pictures.js';
import { Terminal } from './terminal.js';
import { duration, figure, percent, signed, table } from './words.js';

type Options = Omit<CompareStrategiesOptions, 'plugins' | 'config'> & { json?: boolean; quiet?: boolean; debug?: boolean; plugin?: string[]; config?: string };

/** `cultivar compare strategies DATA` */
export async function strategies(data: string, { json, quiet, debug, plugin, config, ...options }: Options): Promise<number> {
  const terminal = new Terminal({ json, quiet, debug });
  const interruption = listenForInterruption((text) => terminal.tell(text));
  try {
    const { drawStrategies } = await loadPictures();
    const found = await compareStrategies(data, {
      ...options, plugins: plugin, config: configured(config), logger: terminal.logger, progress: terminal.progress, signal: interruption.signal,
      finished: (trial) => terminal.say(`  ${trial.strategy}: ${trial.problem ?? `accuracy ${percent(trial.accuracy)}, loss ${figure(trial.loss)}`}`),
    }, true);
    const pictures = await writePictures(found.out, drawStrategies(found.strategies));
    terminal.close();
    terminal.result({ ...found, pictures }, () => [...lines(found.strategies), '', `Models: ${found.out}`, `Pictures: ${pictures.join(', ')}`]);
    return 0;
  } finally {
    interruption.release();
    terminal.close();
  }
}

const points = (share: number): string => signed(100 * share, 1);
/** The strategy, what it handed over to, and whether its training stands. */
const named = ({ strategy, chose, undone }: StrategyTrial): string => `${strategy}${chose === undefined ? '' : ` (${chose})`}${undone ? ' (undone)' : ''}`;

function lines(trials: readonly ComparedStrategy[]): string[] {
  const images = trials.find(({ problem }) => problem === undefined)?.images ?? 0;
  const others = trials.filter(({ difference }) => difference !== undefined);
  return [
    `On ${images} images:`,
    ...table([
      ['strategy', 'accuracy', '95 %', 'loss', 'features', 'time'],
      ...trials.map((trial) => {
        const { problem, accuracy, loss, intervals, featureSeconds, seconds } = trial;
        const figures = problem === undefined ? [percent(accuracy), intervals ? `${percent(intervals.accuracy.low)} to ${percent(intervals.accuracy.high)}` : '', figure(loss)] : [problem, '', ''];
        return [named(trial), ...figures, duration(featureSeconds), duration(seconds)];
      }),
    ], ['left', 'right', 'right', 'right', 'right', 'right']),
    ...(others.length === 0 ? [] : [
      '',
      `Against ${trials[0]!.strategy}, on the same images:`,
      ...table([
        ['strategy', 'points', '95 %', 'loss', '95 %'],
        ...others.map(({ strategy, difference }) => {
          const { accuracy, loss } = difference!;
          return [strategy, points(accuracy.mean), `${points(accuracy.low)} to ${points(accuracy.high)}`, signed(loss.mean), `${signed(loss.low)} to ${signed(loss.high)}`];
        }),
      ], ['left', 'right', 'right', 'right', 'right']),
    ]),
    ...(trials.some(({ undone }) => undone) ? ['', 'Undone: the training brought nothing better; what stands is the classifier that was solved first.'] : []),
  ];
}
