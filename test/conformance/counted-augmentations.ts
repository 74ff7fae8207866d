import { contributionMetadata, type Augmentation, type ContributionReference, type Contributions, type Kind, type Plugin } from '@cultivar/sdk';
import { instance } from './instance.js';

/**
 * Makes augmentations of a plugin, and counts how many images each is given.
 * @param applied images by reference, as JSON
 */
export function countedAugmentations(plugin: Pick<Plugin, 'contributions'>, applied: Map<string, number>): Contributions {
  return {
    create: <Part extends object>(kind: Kind, reference: ContributionReference | string) => {
      const { name, ...options } = reference as ContributionReference;
      const made = instance(plugin.contributions.find((one) => contributionMetadata(one)?.kind === kind && contributionMetadata(one)?.name === name) as new () => Augmentation, options);
      const apply: Augmentation['apply'] = (batch, random) => {
        const key = JSON.stringify(reference);
        applied.set(key, (applied.get(key) ?? 0) + batch.images.shape[0]);
        return made.apply(batch, random);
      };
      return { apply } as unknown as Part;
    },
  };
}

/** So many grey images of one pixel. */
export const greyPixels = (count: number) => ({ images: Array.from({ length: count * 3 }, () => 0.5), shape: [count, 1, 1, 3] as [number, number, number, number] });
