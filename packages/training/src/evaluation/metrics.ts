import type { Catalogue, Run } from '@cultivar/kernel';
import type { ContributionReference, Metric } from '@cultivar/sdk';

/** In every report, where they are loaded: what accuracy hides where classes differ in size, and what the probabilities are worth. */
const usual = ['balanced-accuracy', 'macro-f1', 'auc', 'average-precision', 'brier-score'];

/** The usual ones, and those asked for, each once. */
export function metricsOf(run: Run, catalogue: Pick<Catalogue, 'has'>, asked: readonly ContributionReference[] = []): { name: string; metric: Metric }[] {
  const others = usual.filter((name) => catalogue.has('metric', name) && !asked.some((reference) => reference.name === name));
  return [...others.map((name) => ({ name })), ...asked].map((reference) => ({ name: reference.name, metric: run.create<Metric>('metric', reference) }));
}
