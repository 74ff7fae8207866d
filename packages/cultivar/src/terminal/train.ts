import type { TrainingEvent } from '@cultivar/training';
import { runTraining, type FineTuneResult } from '../fine-tune.js';
import { checkSettings, type Settings } from '../settings.js';
import { listenForInterruption } from './interruption.js';
import { command, shownPath } from './next-step.js';
import { configured } from './options.js';
import { assessmentLines, datasetEventLines, epochLine, evaluationLines, planLines } from './report.js';
import { Terminal } from './terminal.js';
import { duration, percent, quoted } from './words.js';

type TrainOptions = Omit<Settings, 'data'> & {
  json?: boolean;
  quiet?: boolean;
  debug?: boolean;
  plugin?: string[];
  config?: string;
  from?: string;
};

/** `cultivar train [DATA]` */
export async function train(data: string | undefined, options: TrainOptions): Promise<number> {
  const { json, quiet, debug, plugin, config, from, ...settings } = options;
  const terminal = new Terminal({ json, quiet, debug });
  const interruption = listenForInterruption((text) => terminal.tell(text));
  const given = checkSettings({ ...settings, data }, 'command line');
  try {
    const result = await runTraining(given, {
      plugins: plugin, from, config: configured(config), signal: interruption.signal, asOptions: true,
      logger: terminal.logger, progress: terminal.progress,
      onEvent: tell(terminal),
    });
    terminal.close();
    for (const line of resultLines(result)) terminal.say(line);
    if (quiet && !json) terminal.tell(`${percent(result.metrics.accuracy)} accuracy; ${shownPath(result.bundle)}`);
    terminal.result(result, () => []);
    return 0;
  } finally {
    interruption.release();
    terminal.close();
  }
}

/** Says what happens as it happens. */
function tell(terminal: Terminal): (event: TrainingEvent) => void {
  const solves = new Set<string>();
  return (event) => {
    if (event.type === 'plan') event.plan.phases.filter(({ kind }) => kind === 'solve').forEach(({ name }) => solves.add(name));
    for (const line of eventLines(event, solves)) terminal.say(line);
  };
}

function eventLines(event: TrainingEvent, solves: ReadonlySet<string>): string[] {
  switch (event.type) {
    case 'dataset': return datasetEventLines(event);
    case 'assessment': return assessmentLines(event.assessment);
    case 'plan': return planLines(event.strategy, event.plan);
    case 'epoch': return [epochLine(event.record, solves.has(event.record.phase))];
    default: return [];
  }
}

function resultLines(result: FineTuneResult): string[] {
  const folder = shownPath(result.bundle);
  return [
    '',
    ...evaluationLines(result.metrics),
    ...(result.test ? ['', ...evaluationLines(result.test)] : []),
    '',
    `Done in ${duration(result.seconds)}. The model, its numbers and how it was made are in ${folder}`,
    `Next: ${command} predict ${quoted(folder)} IMAGE`,
  ];
}
