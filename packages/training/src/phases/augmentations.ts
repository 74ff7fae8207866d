import type { Augmentation, ContributionReference } from '@cultivar/sdk';
import type { RunContext } from '../run/run-context.js';

/**
 * Taken where the request says nothing: what changes hardly any photo's class. Crops of at least 60 % of the area, not 8 % as in
 * training from nothing: a few epochs do not make up for features that were torn far from those that the head was solved on.
 */
const usual: readonly ContributionReference[] = [{ name: 'flip' }, { name: 'crop', scale: [0.6, 1] }];

/** Those asked for; where nothing was said, the usual ones. */
export function augmentationReferences({ request, has }: Pick<RunContext, 'request' | 'has'>): readonly ContributionReference[] {
  return request.augmentations ?? usual.filter(({ name }) => has('augmentation', name));
}

/** As {@link augmentationReferences}, made; each has a stream of its own, even of the same name. */
export function augmentationsOf(context: Pick<RunContext, 'run' | 'request' | 'has'>): Augmentation[] {
  return augmentationReferences(context).map((reference, position) => context.run.create<Augmentation>('augmentation', reference, `augmentation/${position}/${reference.name}`));
}
