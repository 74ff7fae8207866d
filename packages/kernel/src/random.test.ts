import { describe, expect, it } from '@jest/globals';
import { createRandom } from './random.js';

const draws = 20_000;
const many = (draw: () => number, count = draws) => Array.from({ length: count }, draw);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: number[]) => {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
};

describe('createRandom', () => {
  it('gives the same numbers for the same seed, on every machine', () => {
    const random = createRandom(42);
    expect(many(() => random.uniform(), 3)).toEqual([0.24387961670364644, 0.6445701245973225, 0.8660230011126905]);
    expect(createRandom(42).permutation(8)).toEqual([5, 0, 7, 3, 1, 2, 6, 4]);
  });

  it('gives other numbers for another seed, also for negative and broken ones', () => {
    const first = [0, 1, -1, 0.5, 2 ** 40, 2 ** 40 + 1].map((seed) => createRandom(seed).uniform());
    expect(new Set(first).size).toBe(first.length);
    expect(createRandom(-0).uniform()).toBe(createRandom(0).uniform());
    expect(() => createRandom(Number.NaN)).toThrow(RangeError);
  });

  it('children depend on seed and name, not on what was drawn', () => {
    const fresh = createRandom(7);
    const used = createRandom(7);
    many(() => used.uniform(), 10);
    used.child('other').uniform();
    expect(used.child('crop').uniform()).toBe(fresh.child('crop').uniform());
    expect(fresh.child('crop').uniform()).not.toBe(fresh.child('flip').uniform());
    expect(fresh.child('a').child('b').uniform()).not.toBe(fresh.child('ab').uniform());
    expect(fresh.child('a').child('b').uniform()).not.toBe(fresh.child('b').child('a').uniform());
    expect(createRandom(8).child('crop').uniform()).not.toBe(fresh.child('crop').uniform());
    expect(fresh.child(3).uniform()).toBe(fresh.child('3').uniform());
  });

  it('streams of sibling children are not correlated', () => {
    const root = createRandom(1);
    const firsts = Array.from({ length: draws }, (_, index) => root.child(index).uniform());
    expect(mean(firsts)).toBeCloseTo(0.5, 2);
    expect(mean(firsts.slice(1).map((value, index) => (value - 0.5) * (firsts[index]! - 0.5))) * 12).toBeCloseTo(0, 1);
  });

  it('uniform is in [0, 1), mean 1/2, variance 1/12', () => {
    const random = createRandom(3);
    const values = many(() => random.uniform());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(mean(values)).toBeCloseTo(1 / 2, 2);
    expect(variance(values)).toBeCloseTo(1 / 12, 2);
  });

  it('normal has mean 0, variance 1, and the tails of a normal', () => {
    const random = createRandom(4);
    const values = many(() => random.normal());
    expect(Math.abs(mean(values))).toBeLessThan(0.03);
    expect(variance(values)).toBeCloseTo(1, 1);
    const outside = (limit: number) => values.filter((value) => Math.abs(value) > limit).length / draws;
    expect(outside(1)).toBeCloseTo(0.3173, 1);
    expect(outside(2)).toBeCloseTo(0.0455, 2);
    expect(outside(3)).toBeCloseTo(0.0027, 2);
  });

  it.each([[0.2, 0.2], [1, 1], [0.5, 3], [8, 2]])('beta(%d, %d) has its mean and variance', (a, b) => {
    const random = createRandom(5);
    const values = many(() => random.beta(a, b));
    expect(values.every((value) => value > 0 && value < 1)).toBe(true);
    expect(Math.abs(mean(values) - a / (a + b))).toBeLessThan(0.015);
    expect(Math.abs(variance(values) - (a * b) / ((a + b) ** 2 * (a + b + 1)))).toBeLessThan(0.01);
  });

  it('beta stays inside (0, 1) where gammas underflow, and refuses what is not above 0', () => {
    const random = createRandom(6);
    const values = many(() => random.beta(1e-4, 1e-4), 2000);
    expect(values.every((value) => value > 0 && value < 1)).toBe(true);
    expect(mean(values)).toBeCloseTo(0.5, 1);
    for (const [a, b] of [[0, 1], [1, -1], [Number.NaN, 1], [Infinity, 1]] as const) expect(() => random.beta(a, b)).toThrow(RangeError);
  });

  it('integer reaches every value equally often', () => {
    const random = createRandom(9);
    const counts = Array.from({ length: 7 }, () => 0);
    for (let draw = 0; draw < draws; draw += 1) counts[random.integer(7)]! += 1;
    for (const count of counts) expect(count / draws).toBeCloseTo(1 / 7, 1);
    expect(random.integer(1)).toBe(0);
    for (const limit of [0, -1, 1.5, Number.NaN]) expect(() => random.integer(limit)).toThrow(RangeError);
  });

  it('permutation holds every index once, each place equally likely', () => {
    const random = createRandom(10);
    const counts = Array.from({ length: 5 }, () => 0);
    for (let draw = 0; draw < 5000; draw += 1) {
      const order = random.permutation(5);
      expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
      counts[order.indexOf(0)]! += 1;
    }
    for (const count of counts) expect(count / 5000).toBeCloseTo(1 / 5, 1);
    expect(random.permutation(0)).toEqual([]);
  });

  it('seed is a whole number below 2^31', () => {
    const random = createRandom(11);
    for (const seed of many(() => random.seed(), 1000)) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31).toBe(true);
  });
});
