import { countParameters, type PreparedBackbone } from '@cultivar/backbone';
import type { Run } from '@cultivar/kernel';
import type { Assessment, ContributionReference, Similarity } from '@cultivar/sdk';
import type { ImageSet } from './features/image-set.js';
import type { PooledFeatures } from './features/pooled-features.js';
import type { Engines } from './run/engines.js';

/** What is known of the dataset before training: how large it is, and how like the images that the backbone saw. */
export async function assess(
  run: Run, reference: ContributionReference, { backbone, images, features, engines }: { backbone: PreparedBackbone; images: ImageSet; features: PooledFeatures; engines: Engines },
): Promise<Assessment> {
  const top = backbone.stages.at(-1)!.name;
  const similarity = await run.create<Similarity>('similarity', reference).measure({
    features: features.joined([top], images.train),
    labels: images.labelsOf(images.train),
    classes: images.classes.length,
  }, backbone.statistics);
  return {
    images: images.all.length,
    trainImages: images.train.length,
    classes: images.classes.length,
    perClass: images.perClass(),
    similarity,
    backboneParameters: countParameters(backbone.model),
    engine: { name: engines.trainer ?? engines.name, trains: engines.trainer !== undefined },
  };
}
