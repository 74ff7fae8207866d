import type { Run } from '@cultivar/kernel';
import { failure, type Assessment, type ContributionReference, type FeatureSelection, type FreezePlan, type Stage, type Strategy, type TrainPhase } from '@cultivar/sdk';
import type { FullRequest, Override } from './request.js';

/** Strategies that may hand over, one to the next, before it counts as going in circles. */
const longest = 8;

/**
 * Asks the strategy, and those it hands over to, for a plan; puts what the request overrides into it; checks it.
 * @param lookedAt told where a strategy looks at the similarity
 * @returns the strategy that made the plan, and the plan with the reasons of all of them
 * @throws CultivarError PLAN_INVALID, STAGE_UNKNOWN, CONTRIBUTION_UNKNOWN, OPTION_INVALID
 */
export function makePlan(
  run: Run, request: Pick<FullRequest, 'strategy' | 'snapshots' | 'start' | Override>, assessment: Assessment, stages: readonly Stage[], backbone: string, lookedAt: (what: 'similarity') => void = () => {},
): { strategy: string; plan: FreezePlan } {
  const reasons: string[] = [];
  let reference: ContributionReference = request.strategy;
  for (let hop = 0; hop < longest; hop += 1) {
    const answer = run.create<Strategy>('strategy', reference).plan(watched(assessment, lookedAt), stages);
    reasons.push(...answer.reasons);
    if ('phases' in answer) {
      const plan = { phases: answer.phases.map((phase) => (phase.kind === 'train' ? { optimizer: { name: 'adam' }, schedule: { name: 'cosine' }, ...phase, ...overrides(request) } : phase)), reasons };
      if (request.start !== undefined && !plan.phases.some(({ kind }) => kind === 'train')) {
        throw failure('ENSEMBLE_UNFIT', { reason: `strategy ${reference.name} trains nothing by steps, so all of them would be one and the same` });
      }
      if (request.snapshots !== undefined) askForSnapshots(plan, reference.name, request.snapshots);
      check(plan, reference.name, stages, backbone);
      for (const phase of plan.phases) if (phase.kind === 'train') knownContributions(run, phase);
      return { strategy: reference.name, plan };
    }
    reference = answer.delegate;
  }
  throw failure('PLAN_INVALID', { strategy: request.strategy.name, reason: 'strategies hand it over to each other in a circle' });
}

function watched({ similarity, ...assessment }: Assessment, lookedAt: (what: 'similarity') => void): Assessment {
  const look = () => {
    lookedAt('similarity');
    return similarity;
  };
  return Object.defineProperty(assessment, 'similarity', { get: look, enumerable: true }) as Assessment;
}

/** Of the last train phase, in cycles of equal length. @throws CultivarError ENSEMBLE_UNFIT where nothing is trained by steps */
function askForSnapshots({ phases }: FreezePlan, strategy: string, snapshots: number): void {
  const last = phases.filter((phase) => phase.kind === 'train').at(-1);
  if (!last) throw failure('ENSEMBLE_UNFIT', { reason: `strategy ${strategy} trains nothing by steps, so there are no snapshots to take` });
  last.snapshots = snapshots;
  last.epochs = Math.ceil(last.epochs / snapshots) * snapshots;
}

/** Said now, not after the frozen stages have been computed. @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID */
function knownContributions(run: Run, { optimizer, schedule }: TrainPhase): void {
  if (optimizer) run.create('optimizer', optimizer);
  if (schedule) run.create('schedule', schedule);
}

const whole = (value: number): boolean => Number.isInteger(value) && value >= 1;

function overrides({ epochs, batchSize, learningRate, views, optimizer, schedule, keep }: Pick<FullRequest, Override>) {
  return Object.fromEntries(Object.entries({ epochs, batchSize, learningRate, views, optimizer, schedule, keep }).filter(([, value]) => value !== undefined));
}

function check({ phases }: FreezePlan, strategy: string, stages: readonly Stage[], backbone: string): void {
  const wrong = (reason: string) => failure('PLAN_INVALID', { strategy, reason });
  const known = new Set(stages.map(({ name }) => name));
  const stage = (name: string) => {
    if (!known.has(name)) throw failure('STAGE_UNKNOWN', { stage: name, backbone, known: [...known].join(', ') });
  };
  if (phases.length === 0) throw wrong('it has no phases');
  if (new Set(phases.map(({ name }) => name)).size < phases.length) throw wrong('two phases have the same name');
  for (const phase of phases) {
    if (phase.kind === 'solve') {
      const sets = [...phase.candidates, ...(phase.select ? [phase.select.stages] : [])];
      if (sets.length === 0 || sets.some((set) => set.length === 0)) throw wrong(`phase ${phase.name} names no stages to solve on`);
      for (const set of sets) {
        set.forEach(stage);
        if (new Set(set).size < set.length) throw wrong(`phase ${phase.name} names a stage twice in one set`);
      }
      if (phase.select) checkSelection(phase.select, phase.name, wrong);
    } else {
      stage(phase.from);
      for (const name of Object.keys(phase.rates)) if (name !== 'head') stage(name);
      if (!whole(phase.epochs) || !whole(phase.batchSize) || !whole(phase.views)) throw wrong(`epochs, batch size and views of phase ${phase.name} must be whole numbers of one or more`);
      if (!(phase.learningRate > 0)) throw wrong(`the learning rate of phase ${phase.name} must be above zero`);
    }
  }
}

function checkSelection({ penalty, fractions }: FeatureSelection, phase: string, wrong: (reason: string) => Error): void {
  if (!(penalty > 0 && penalty < 1)) throw wrong(`the penalty of the selection in phase ${phase} must lie between zero and one`);
  const ascending = fractions.every((fraction, index) => fraction > (fractions[index - 1] ?? 0) && fraction <= 1);
  if (fractions.length === 0 || !ascending) throw wrong(`the fractions of the selection in phase ${phase} must be ascending, above zero and up to one`);
}
