import { createRandom } from '@cultivar/kernel';
import { figure, percent, type Geometry, type GeometryComparison } from '@cultivar/sdk';
import type { RunContext } from '../run/run-context.js';
import { paretoScaling, standardisation, standardise } from '../solve/standardise.js';
import { chooseStrength } from '../solve/strength.js';
import { lastOfEachResolution } from './pooled-features.js';

/** Images that tell geometries apart: more sharpen the answer by less than they cost. */
const enough = 400;
/** Of each class at least so many, where it has them: one for each fold. */
const leastPerClass = 5;
/** How much lower the log-loss must be for a second look at every image, which takes as long as the first, in training and ever after. */
const worthwhile = 0.95;

const inWords = ({ resize, cropFraction = 1 }: Geometry): string => (resize === 'stretch' ? 'the whole image, stretched' : resize === 'pad' ? 'the whole image, padded' : cropFraction === 1 ? 'the largest square in the middle' : `${percent(cropFraction)} of the shorter side, in the middle`);

/**
 * Asks some of the training images whether features averaged over two geometries tell classes apart better than those of the first: a linear
 * classifier on the top and the stage before the last drop of resolution, solved in cross-validation on the same folds.
 * What is drawn is drawn from the split's seed, so that all members of an ensemble look at images alike.
 * @returns undefined where the backbone offers one geometry, or there are too few images to hold any out
 */
export async function compareGeometries({ backbone, images, features, engines, solver, request, signal }: RunContext): Promise<GeometryComparison | undefined> {
  const { second, ...first } = backbone.input;
  if (!second) return undefined;
  const started = performance.now();
  const random = createRandom(request.splitSeed ?? request.seed).child('geometry');
  const drawn = images.classes.flatMap((_, label) => {
    const own = images.train.filter((index) => images.labels[index] === label);
    const count = Math.max(leastPerClass, Math.round((enough * own.length) / images.train.length));
    return random.child(label).permutation(own.length).slice(0, count).map((position) => own[position]!);
  });
  const stages = lastOfEachResolution(backbone.stages).slice(-2).map(({ name }) => name);
  features.geometries = 2;
  try {
    await features.compute(stages, drawn, { label: 'Looking at some images in another geometry' });
  } finally {
    features.geometries = 1;
  }
  const sample = drawn.filter((index) => images.train.includes(index));
  const labels = images.labelsOf(sample);
  const score = async (geometries: number) => {
    const table = features.joined(stages, sample, geometries);
    const { C, scores } = await chooseStrength(standardise(table, paretoScaling(standardisation(table))), labels, images.classes.length, { solver, random: random.child('folds'), signal, engines });
    return scores.find((one) => one.C === C);
  };
  const [one, both] = [await score(1), await score(2)];
  if (!one || !both) return undefined;
  const averaged = both.loss < worthwhile * one.loss;
  return {
    averaged, images: sample.length, one: { loss: one.loss, accuracy: one.accuracy }, both: { loss: both.loss, accuracy: both.accuracy }, seconds: (performance.now() - started) / 1000,
    reasons: [`Each image is looked at ${averaged ? `in two ways, whose features are averaged: ${inWords(first)}; ${inWords(second)}` : `in one way (${inWords(first)}) and not ${inWords(second)} as well`}: cross-validated log-loss on ${sample.length} training images ${figure(both.loss)} with both, ${figure(one.loss)} with the first alone.`],
  };
}
