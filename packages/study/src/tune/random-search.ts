import type { Random } from '@cultivar/sdk';
import { draw, type SearchSpace } from './search-space.js';
import { better, type FinishedTrial, type Search, type TrialSettings } from './trial.js';

/**
 * Points drawn at random, each setting by itself: better than a grid where few of the settings matter.
 * Source: Bergstra & Bengio 2012, "Random search for hyper-parameter optimization".
 * @param trials how many, >= 1
 */
export function* randomSearch(space: SearchSpace, { trials, base, random }: { trials: number; base: TrialSettings; random: Random }): Search {
  let best: FinishedTrial | undefined;
  for (let trial = 0; trial < trials; trial += 1) {
    best = better(best, yield { purpose: 'random', settings: draw(space, random.child(trial), base) });
  }
  return best;
}
