import { count, ensemble, options, z, type Combination, type Ensemble, type EnsembleTask, type Member, type MemberPlan, type TensorData } from '@cultivar/sdk';

const schema = z.object({ members: count.default(10).describe('Models that are trained at most; it ends before where one makes no mistake, or is no better than chance') });

/** An error of 0 would weigh without end: it counts as half an image. */
const leastError = (images: number): number => 0.5 / images;

/**
 * SAMME, AdaBoost for K classes: each member is trained on images weighed up where those before it were wrong, and votes. With w_i = 1/n at first,
 *
 *   err = sum_i w_i [wrong_i] / sum_i w_i      alpha = log((1 - err) / err) + log(K - 1)
 *   w_i <- w_i exp(alpha [wrong_i])            class = argmax_k sum_m alpha_m [member m says k]
 *
 * Suits classifiers solved on frozen features (`linear-probe`); where those make no mistake on what they were trained on, there
 * is nothing to weigh up.
 */
@ensemble({
  name: 'boosting',
  summary: 'Train models one after the other, images that were wrong weighed up, and let them vote (SAMME)',
  reference: 'Zhu, Zou, Rosset & Hastie 2009, Multi-class AdaBoost; Freund & Schapire 1997',
  options: schema,
})
export class Boosting implements Ensemble {
  @options() readonly options!: z.infer<typeof schema>;

  readonly looksAtTraining = true;

  next(members: readonly Member[], task: EnsembleTask): MemberPlan | undefined {
    const seed = task.random.child('member').child(members.length).seed();
    if (members.length === 0) return { seed };
    if (members.length >= this.options.members) return undefined;
    const { weights, errors } = rounds(members, task);
    const last = errors.at(-1)!;
    if (last === 0 || last >= chance(task.classes)) return undefined;
    return { seed, importance: Array.from(weights, (weight) => weight * weights.length) };
  }

  combine(members: readonly Member[], task: EnsembleTask): Combination {
    const { errors } = rounds(members, task);
    const alphas = errors.map((error) => (error >= chance(task.classes) ? 0 : alphaOf(error, task)));
    const sum = alphas.reduce((all, alpha) => all + alpha, 0);
    const shares = sum > 0 ? alphas.map((alpha) => alpha / sum) : alphas.map((_, index) => (index === 0 ? 1 : 0));
    // A vote of one would be sure of all it says: alone, its probabilities count.
    return { rule: shares.filter((share) => share > 0).length > 1 ? 'vote' : 'average', shares };
  }
}

/** Share of mistakes of one who guesses. */
const chance = (classes: number): number => 1 - 1 / classes;

function alphaOf(error: number, { classes, trainLabels }: EnsembleTask): number {
  const held = Math.max(error, leastError(trainLabels.length));
  return Math.log((1 - held) / held) + Math.log(classes - 1);
}

/** The rounds so far, gone over again: the weights that the next begins with, which sum to 1, and each member's weighed error. */
function rounds(members: readonly Member[], task: EnsembleTask): { weights: Float64Array; errors: number[] } {
  const images = task.trainLabels.length;
  let weights = new Float64Array(images).fill(1 / images);
  const errors = members.map(({ train }) => {
    if (!train) throw new Error('boosting needs what its members say of the training images');
    const wrong = mistakes(train, task.trainLabels);
    const error = weights.reduce((sum, weight, image) => sum + (wrong[image] ? weight : 0), 0);
    const factor = Math.exp(alphaOf(error, task));
    weights = weights.map((weight, image) => (wrong[image] ? weight * factor : weight));
    const sum = weights.reduce((all, weight) => all + weight, 0);
    weights = weights.map((weight) => weight / sum);
    return error;
  });
  return { weights, errors };
}

function mistakes({ data, shape: [, classes = 0] }: TensorData, labels: Int32Array): boolean[] {
  return Array.from(labels, (label, row) => {
    for (let k = 0; k < classes; k += 1) if (k !== label && data[row * classes + k]! >= data[row * classes + label]!) return true;
    return false;
  });
}
