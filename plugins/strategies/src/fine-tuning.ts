import { z, type Assessment, type ContributionReference, type SolvePhase, type Stage, type TrainPhase } from '@cultivar/sdk';
import { resolutionGroups } from './resolution.js';
import { stageCandidates } from './stage-candidates.js';

const optimizer: ContributionReference = { name: 'adam', weightDecay: 1e-4 };
const schedule: ContributionReference = { name: 'cosine', warmup: 0.1 };
const learningRate = 1e-4;
const batchSize = 32;
/** Each resolution further from the top learns at half the rate: what is nearer the pixels is more general. */
const decay = 0.5;
/** Augmented copies that are made of all images together, at least: few images are varied more, for it costs little. */
const leastViews = 2000;

/**
 * The classifier that a fine-tune begins with and has to beat: that of the stage probe, of the sets of stages that hold the top, which
 * is what moves. Begun at a drawn head, the first steps would tear the features that the head is yet to learn to read.
 * Source: Kumar et al. 2022, "Fine-tuning can distort pretrained features and underperform out-of-distribution" (LP-FT).
 */
export function solveFirst(stages: readonly Stage[]): SolvePhase {
  const top = stages.at(-1)!.name;
  return { kind: 'solve', name: 'solve', candidates: stageCandidates(stages).filter((set) => set.includes(top)) };
}

/** An option of both. */
export const worthwhileFrom = z.number().min(0).optional().describe('Log-loss of the solved classifier in cross-validation below which training is left out; absent: it never is');

interface Thaw {
  name: string;
  /** How many resolutions, from the top, thaw; fewer where there are fewer, but never the one at the pixels unless it is the only one. */
  resolutions: number;
  epochs: number;
  views: number;
  worthwhileFrom?: number;
}

/** The stages that thaw with the last resolutions, by resolution, the top first. */
function thawedGroups(stages: readonly Stage[], resolutions: number): Stage[][] {
  const groups = resolutionGroups(stages).reverse();
  const thawed = groups.slice(0, Math.max(1, Math.min(resolutions, groups.length - 1)));
  if (thawed.length > 1) thawed.push(thawed.pop()!.slice(-1));
  return thawed;
}

/** The earliest stage that thaws with them. */
export const thawedFrom = (stages: readonly Stage[], resolutions: number): string => thawedGroups(stages, resolutions).at(-1)![0]!.name;

/**
 * One phase that trains the stages of the last resolutions, earlier ones slower: all of the last, and of the earliest that thaws its last stage
 * alone. Two of MobileNetV2's: from block 10 on, where half of the network's work is.
 */
export function thaw({ trainImages }: Pick<Assessment, 'trainImages'>, stages: readonly Stage[], { name, resolutions, epochs, views, worthwhileFrom: from }: Thaw): TrainPhase {
  const thawed = thawedGroups(stages, resolutions);
  const rates = Object.fromEntries(thawed.flatMap((group, depth) => group.map((stage) => [stage.name, decay ** depth])));
  return {
    kind: 'train', name, from: thawedFrom(stages, resolutions), epochs, batchSize, learningRate,
    rates: { ...rates, head: 1 }, batchNorm: 'frozen', views: Math.max(views, Math.min(epochs, Math.ceil(leastViews / trainImages))), optimizer, schedule,
    ...(from !== undefined && { worthwhileFrom: from }),
  };
}
