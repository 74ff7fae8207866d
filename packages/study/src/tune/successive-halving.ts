import type { Random } from '@cultivar/sdk';
import { draw, type SearchSpace } from './search-space.js';
import { better, type FinishedTrial, type Search, type TrialSettings } from './trial.js';

export interface HalvingOptions {
  /** Points that the first rung begins with, >= 1. */
  trials: number;
  /** Epochs of the last rung. */
  epochs: number;
  /** One in so many goes on to the next rung, with so many times the epochs; > 1. */
  eta: number;
  base: TrialSettings;
  random: Random;
}

/**
 * Many points with few epochs, the best third of them with three times as many, and so on: rung s has n / eta^s points of
 * r eta^s epochs.
 * Source: Jamieson & Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization".
 */
export function* successiveHalving(space: SearchSpace, { trials, epochs, eta, base, random }: HalvingOptions): Search {
  const rungs = Math.max(1, Math.floor(Math.log(trials) / Math.log(eta)) + 1);
  let points = Array.from({ length: trials }, (_, index) => draw(space, random.child(index), base));
  let best: FinishedTrial | undefined;
  for (let rung = 0; rung < rungs; rung += 1) {
    const budget = Math.max(1, Math.round(epochs / eta ** (rungs - 1 - rung)));
    const finished: FinishedTrial[] = [];
    for (const settings of points) finished.push(yield { purpose: `rung ${rung + 1}`, settings: { ...settings, epochs: budget } });
    finished.sort((a, b) => a.outcome.loss - b.outcome.loss);
    // A loss of few epochs is no match for one of many: the last rung alone decides.
    best = finished.reduce<FinishedTrial | undefined>(better, undefined);
    points = finished.slice(0, Math.max(1, Math.floor(points.length / eta))).map(({ settings }) => settings);
  }
  return best;
}
