import { createRandom } from '@cultivar/kernel';
import type { Random } from '@cultivar/sdk';

export interface Decomposition {
  /** Neighbours that are averaged: few make a wild model, many a stiff one. */
  neighbours: number;
  /** Mean over the places of (mean prediction - truth)^2. */
  bias: number;
  /** Mean over the places of the predictions' variance between training sets. */
  variance: number;
  /** Variance of what is observed around the truth; no model gets below it. */
  noise: number;
  /** Mean squared error on fresh observations; bias + variance + noise, but for chance. */
  error: number;
}

export interface BiasVarianceOptions {
  neighbours?: readonly number[];
  /** Training sets that are drawn, >= 2. */
  sets?: number;
  /** Places, equally spaced in 0..1, where each set has one observation. */
  places?: number;
  /** Standard deviation of the noise. */
  noise?: number;
  seed?: number;
}

/** The truth that is drawn from. */
export const truth = (x: number): number => Math.sin(2 * Math.PI * x);

/**
 * The error of a model, taken apart where the truth is known: y = sin(2 pi x) + noise, many training sets, k nearest neighbours on each;
 *
 *   E (y - f(x))^2  =  (E f(x) - truth(x))^2  +  E (f(x) - E f(x))^2  +  sigma^2
 *        error      =         bias            +       variance       +   noise
 *
 * With k neighbours the variance is sigma^2 / k exactly; the bias grows with k.
 * Source: Geman, Bienenstock & Doursat 1992, "Neural networks and the bias/variance dilemma"; Hastie, Tibshirani & Friedman, section 7.3.
 */
export function biasVariance({ neighbours = [1, 2, 3, 5, 8, 12, 18, 26, 40], sets = 400, places = 60, noise = 0.4, seed = 0 }: BiasVarianceOptions = {}): Decomposition[] {
  const random = createRandom(seed).child('bias-variance');
  const xs = Float64Array.from({ length: places }, (_, index) => index / (places - 1));
  const observed = Array.from({ length: sets }, (_, set) => observe(xs, noise, random.child('set').child(set)));
  const fresh = Array.from({ length: sets }, (_, set) => observe(xs, noise, random.child('fresh').child(set)));
  return neighbours.map((k) => {
    const asked = Array.from(xs, (_, place) => nearest(place, k, places));
    const predictions = observed.map((ys) => xs.map((_, place) => mean(asked[place]!.map((other) => ys[other]!))));
    const expected = xs.map((_, place) => mean(predictions.map((own) => own[place]!)));
    return {
      neighbours: k,
      bias: mean([...xs].map((x, place) => (expected[place]! - truth(x)) ** 2)),
      variance: mean([...xs].map((_, place) => mean(predictions.map((own) => (own[place]! - expected[place]!) ** 2)))),
      noise: noise ** 2,
      error: mean([...xs].map((_, place) => mean(predictions.map((own, set) => (fresh[set]![place]! - own[place]!) ** 2)))),
    };
  });
}

function observe(xs: Float64Array, noise: number, random: Random): Float64Array {
  return xs.map((x) => truth(x) + noise * random.normal());
}

/** The k places nearest to one, itself among them; of two as near the one to the left. */
function nearest(place: number, k: number, places: number): number[] {
  return Array.from({ length: places }, (_, other) => other).sort((a, b) => Math.abs(a - place) - Math.abs(b - place) || a - b).slice(0, k);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
