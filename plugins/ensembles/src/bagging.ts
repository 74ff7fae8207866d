import { count, ensemble, options, z, type Combination, type Ensemble, type EnsembleTask, type Member, type MemberPlan, type Random } from '@cultivar/sdk';
import { equalShares } from './shares.js';

const schema = z.object({ members: count.default(10).describe('Models that are trained') });

/**
 * Bootstrap aggregating: each member sees as many training images as there are, drawn with replacement; p = 1/M sum_m p_m. Drawn
 * class by class, so that none is lost. An image drawn r times weighs r: a solve's cross-validation then never holds
 * out an image that it also trains on.
 */
@ensemble({
  name: 'bagging',
  summary: 'Train several models, each on a bootstrap sample of the images, and average their probabilities',
  reference: 'Breiman 1996, Bagging predictors',
  options: schema,
})
export class Bagging implements Ensemble {
  @options() readonly options!: z.infer<typeof schema>;

  next(members: readonly Member[], { random, trainLabels, classes }: EnsembleTask): MemberPlan | undefined {
    if (members.length >= this.options.members) return undefined;
    const own = random.child('member').child(members.length);
    return { seed: own.seed(), importance: bootstrapCounts(trainLabels, classes, own.child('sample')) };
  }

  combine(members: readonly Member[]): Combination {
    return { rule: 'average', shares: equalShares(members.length) };
  }
}

/** How often each image is drawn. */
function bootstrapCounts(labels: Int32Array, classes: number, random: Random): number[] {
  const counts = Array.from(labels, () => 0);
  for (let label = 0; label < classes; label += 1) {
    const images = [...labels.keys()].filter((image) => labels[image] === label);
    const stream = random.child(label);
    images.forEach(() => {
      counts[images[stream.integer(images.length)]!]! += 1;
    });
  }
  return counts;
}
