import { figure, type Augmentation, type ContributionReference } from '@cultivar/sdk';
import type { RunContext } from '../run/run-context.js';
import { lossOnCopies } from './loss-on-copies.js';

/**
 * Taken where the request says nothing: what changes hardly any photo's class. Crops of at least 60 % of the area, not 8 % as in
 * training from nothing: a few epochs do not make up for features that were torn far from those that the head was solved on.
 */
const usual: readonly ContributionReference[] = [{ name: 'flip' }, { name: 'crop', scale: [0.6, 1] }];

/** Those asked for; where nothing was said, the usual ones. */
export function augmentationReferences({ request, has }: Pick<RunContext, 'request' | 'has'>): readonly ContributionReference[] {
  return request.augmentations ?? usual.filter(({ name }) => has('augmentation', name));
}

/**
 * Those of {@link augmentationReferences} that this run trains with, found out before its first phase that trains. Of the usual ones each has to leave
 * images what they are: copies of training images, which the solved head has seen, may be no harder for it than images that it has not, in
 * cross-validation. On flowers, clothing and pcb-defects crops are easier by far (a log-loss of 0.08, 0.15, 0.26 to 0.25, 0.53, 0.65), on
 * chest-xray and magnetic-tile harder (0.70, 0.67 to 0.40, 0.39): what they cut off there is what tells classes apart.
 */
export async function chooseAugmentations(context: RunContext): Promise<ContributionReference[]> {
  const { state: { head, heldOutLoss }, request, logger } = context;
  const references = augmentationReferences(context);
  if (request.augmentations !== undefined || !head || heldOutLoss === undefined) return [...references];
  const chosen: ContributionReference[] = [];
  for (const reference of references) {
    const loss = await lossOnCopies(context, head, reference);
    if (loss <= heldOutLoss) chosen.push(reference);
    else logger.info(`Augmentation ${reference.name} is left out: copies of training images have a log-loss of ${figure(loss)}, images that the classifier has not seen ${figure(heldOutLoss)} in cross-validation.`);
  }
  return chosen;
}

/** Made; each has a stream of its own, even of the same name. */
export function augmentationsOf({ run }: Pick<RunContext, 'run'>, references: readonly ContributionReference[]): Augmentation[] {
  return references.map((reference, position) => run.create<Augmentation>('augmentation', reference, `augmentation/${position}/${reference.name}`));
}
