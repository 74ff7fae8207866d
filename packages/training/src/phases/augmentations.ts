import type { Augmentation, ContributionReference, TrainPhase } from '@cultivar/sdk';
import type { RunContext } from '../run/run-context.js';

/**
 * Taken where the request says nothing: what changes hardly any photo's class. Crops of at least 60 % of the area, not 8 % as in
 * training from nothing: a few epochs do not make up for features that were torn far from those that the head was solved on.
 */
const usual: readonly ContributionReference[] = [{ name: 'flip' }, { name: 'crop', scale: [0.6, 1] }];

/** Those asked for; where nothing was said, the usual ones. Each has a stream of its own, even of the same name. */
export function augmentationsOf({ run, request, has }: Pick<RunContext, 'run' | 'request' | 'has'>, phase: Pick<TrainPhase, 'views'>): Augmentation[] {
  if (phase.views === 1) return [];
  const references = request.augmentations ?? usual.filter(({ name }) => has('augmentation', name));
  return references.map((reference, position) => run.create<Augmentation>('augmentation', reference, `augmentation/${position}/${reference.name}`));
}
