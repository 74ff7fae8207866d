/** Which settings of a request have had an effect: noted where they take it, so that what was asked for in vain can be told. */
import type { FreezePlan } from '@cultivar/sdk';
import type { Override, TrainingRequest } from '../request.js';
import type { PhaseOutcome } from './run-state.js';

/** Settings that not every run makes use of; all others have an effect in any. */
type Optional = 'similarity' | 'solver' | 'initializer' | 'augmentations' | 'regularizers' | 'validation' | Override;

/** One of them; of regularizers, which take effect one by one, with its place: `regularizers.1`; of a strategy an option alone: `strategy.epochs`. */
export type SettingName = Exclude<Optional, 'regularizers'> | `regularizers.${number}` | `strategy.${Override}` | 'ensemble';

/** A setting that had no effect, and what is to be said of it. */
export interface UnusedSetting {
  setting: SettingName;
  /** Begins in lower case, ends without a full stop. */
  why: string;
}

/** What goes before a plan's own. */
const overridden: readonly Override[] = ['optimizer', 'schedule', 'epochs', 'batchSize', 'learningRate', 'views', 'keep'];
const single: readonly Exclude<Optional, 'augmentations' | 'regularizers'>[] = ['similarity', 'solver', 'initializer', 'validation', ...overridden];
/** What training phases alone make use of. */
const ofTraining = new Set<string>([...overridden, 'augmentations', 'regularizers']);

/** How a person wrote a setting: its name in his words, and the whole of it. */
export interface WrittenSetting {
  setting: string;
  text: string;
}

/** Those of the settings above that a request states. To augment with nothing is what a run does that does not train: it is not asked for in vain. */
export function askedFor(request: Partial<TrainingRequest>): SettingName[] {
  return [
    ...displacedOptions(request).map((option) => `strategy.${option}` as const),
    ...single.filter((name) => request[name] !== undefined),
    ...((request.augmentations?.length ?? 0) > 0 ? ['augmentations' as const] : []),
    ...(request.regularizers ?? []).map((_, index) => `regularizers.${index}` as const),
  ];
}

/** Options of a strategy (`fine-tune-top:epochs=5`) that settings of the run (`epochs: 3`) go before. */
export function displacedOptions({ strategy, ...request }: Partial<TrainingRequest>): Override[] {
  return overridden.filter((name) => strategy?.[name] !== undefined && request[name] !== undefined && JSON.stringify(strategy[name]) !== JSON.stringify(request[name]));
}

/** What a run knows of why a setting had no effect. */
export interface Reasons {
  request: Partial<TrainingRequest>;
  strategy: string;
  plan: FreezePlan;
  /** Names of regularizers that change residual branches and nothing else. */
  branchesOnly: readonly string[];
  /** What became of the phases. */
  outcomes?: readonly PhaseOutcome[];
}

export function whyUnused(setting: SettingName, { request, strategy, plan, branchesOnly, outcomes = [] }: Reasons): string {
  const [name, place] = setting.split('.') as [string, string | undefined];
  const trains = plan.phases.filter((phase) => phase.kind === 'train');
  if (ofTraining.has(name) && trains.length === 0) return `strategy ${strategy} trains nothing by steps; fine-tune-top, for one, does`;
  const leftOut = outcomes.find(({ phase, note }) => trains.some((own) => own.name === phase) && note.startsWith('left out'));
  if (ofTraining.has(name) && leftOut) return `phase ${leftOut.phase} was ${leftOut.note}; --strategy ${strategy} trains in any case`;
  switch (name) {
    case 'strategy': return `the setting ${place} of the run goes before it`;
    case 'similarity': return `strategy ${strategy} does not look at the similarity; auto does`;
    case 'solver': return `strategy ${strategy} solves no classifier`;
    case 'initializer': return 'no weights were drawn anew: the classifier was solved';
    case 'validation': return request.fold ? 'the images are judged in folds' : 'the data bring validation images of their own';
    case 'learningRate': return `optimizer ${request.optimizer?.name ?? trains[0]?.optimizer?.name ?? 'adam'} does not look at it`;
    case 'views': return request.augmentations?.length === 0 ? 'nothing augments, so that all copies would be alike' : `no more copies of an image were made than there are epochs (${Math.max(...trains.map(({ epochs }) => epochs))}), each of which trains on one`;
    case 'regularizers': return branchesOnly.includes(request.regularizers?.[Number(place)]?.name ?? '') ? 'the stages that train have no residual branches' : 'nothing of it took part in a step';
    default: return 'nothing in this run made use of it';
  }
}

/** What several runs made of the settings of one request: one that any of them used was not in vain. */
export class SettingUse {
  private readonly used = new Set<string>();
  private readonly whys = new Map<SettingName, string>();

  add(used: Iterable<string>, unused: readonly UnusedSetting[]): void {
    for (const name of used) this.used.add(name);
    for (const { setting, why } of unused) if (!this.whys.has(setting)) this.whys.set(setting, why);
  }

  addAll({ used, whys }: SettingUse): void {
    this.add(used, [...whys].map(([setting, why]) => ({ setting, why })));
  }

  /** Those that none used. */
  get unused(): UnusedSetting[] {
    return [...this.whys].filter(([setting]) => !this.used.has(setting)).map(([setting, why]) => ({ setting, why }));
  }
}
