import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../test/seeded-random.js';
import type { Dataset, Sample, Split } from './dataset.js';
import { foldsOf, splitDataset } from './split.js';

/** @param counts images of each class; @param given split by class and number */
function made(counts: number[], given: (label: number, number: number) => Split | undefined = () => undefined): Dataset {
  const samples: Sample[] = counts.flatMap((count, label) => Array.from({ length: count }, (_, number) => {
    const split = given(label, number);
    return { path: `/root/${label}/${number}.png`, name: `${label}/${number}.png`, label, ...(split && { split }), hash: `${label}-${number}`, width: 1, height: 1, format: 'png' as const };
  }));
  return { root: '/root', layout: 'class-folders', classes: counts.map((_, label) => `class ${label}`), samples, setAside: [], duplicates: [], understood: [], contentHash: '' };
}
const names = (samples: Sample[]) => samples.map(({ name }) => name);
const perClass = (samples: Sample[], classes: number) => Array.from({ length: classes }, (_, label) => samples.filter((sample) => sample.label === label).length);
const splitOf = (dataset: Dataset) => () => splitDataset(dataset, { random: seededRandom(1) });

describe('splitDataset', () => {
  it('holds its promises for any sizes, shares and seeds', () => {
    const random = seededRandom(7);
    for (let trial = 0; trial < 300; trial += 1) {
      const counts = Array.from({ length: 2 + random.integer(8) }, () => 2 + random.integer(40));
      const validation = 0.01 + random.uniform() * 0.98;
      const seed = random.integer(1000);
      const dataset = made(counts);
      const split = splitDataset(dataset, { validation, random: seededRandom(seed) });
      expect(names([...split.train, ...split.validation]).sort()).toEqual(names(dataset.samples).sort());
      expect(split.test).toEqual([]);
      for (const [label, count] of perClass(split.validation, counts.length).entries()) {
        expect(count).toBeGreaterThanOrEqual(1);
        expect(counts[label]! - count).toBeGreaterThanOrEqual(1);
        expect(Math.abs(count - counts[label]! * validation)).toBeLessThanOrEqual(1);
      }
      expect(splitDataset(dataset, { validation, random: seededRandom(seed) })).toEqual(split);
    }
  });

  it('draws otherwise for another seed, and alike whatever other classes there are', () => {
    const one = splitDataset(made([40, 40]), { random: seededRandom(1) });
    const two = splitDataset(made([40, 40]), { random: seededRandom(2) });
    const more = splitDataset(made([40, 40, 12]), { random: seededRandom(1) });
    expect(names(one.validation)).not.toEqual(names(two.validation));
    expect(names(more.validation.filter(({ label }) => label < 2))).toEqual(names(one.validation));
  });

  it('keeps the split that is given', () => {
    const order: Split[] = ['train', 'val', 'test'];
    const dataset = made([9, 9], (_, number) => order[number % 3]);
    const split = splitDataset(dataset, { random: seededRandom(1) });
    for (const [part, name] of [[split.train, 'train'], [split.validation, 'val'], [split.test, 'test']] as const) {
      expect(names(part)).toEqual(names(dataset.samples.filter((sample) => sample.split === name)));
    }
  });

  it('draws validation images from those to train on where only train and test are given', () => {
    const split = splitDataset(made([10, 10], (_, number) => (number < 3 ? 'test' : 'train')), { random: seededRandom(1) });
    expect(perClass(split.test, 2)).toEqual([3, 3]);
    expect(perClass(split.validation, 2)).toEqual([1, 1]);
    expect(perClass(split.train, 2)).toEqual([6, 6]);
  });

  it('draws none for a share of 0', () => {
    const split = splitDataset(made([1, 3]), { validation: 0, random: seededRandom(1) });
    expect([split.train.length, split.validation.length]).toEqual([4, 0]);
  });

  it('names the class that is too small', () => {
    expect(splitOf(made([1, 1]))).toThrow(expect.objectContaining({ code: 'DATA_TOO_FEW', exit: 2, message: expect.stringContaining('class 0 has 1 ') }));
    expect(splitOf(made([5, 0]))).toThrow(expect.objectContaining({ code: 'DATA_TOO_FEW', message: expect.stringContaining('class 1 has 0 ') }));
    expect(splitOf(made([3, 3], (label) => (label === 1 ? 'val' : 'train')))).toThrow(expect.objectContaining({ code: 'DATA_CLASS_UNTRAINED', message: expect.stringContaining('class 1') }));
    expect(splitOf(made([3]))).toThrow(expect.objectContaining({ code: 'DATA_ONE_CLASS' }));
    expect(() => splitDataset(made([3, 3]), { validation: 1, random: seededRandom(1) })).toThrow(RangeError);
  });
});

describe('classes that are not in all parts', () => {
  const named = (classes: string[], split: (label: number, number: number) => Split | undefined) => ({ ...made(classes.map(() => 4), split), classes });
  it.each<[string, string, RegExp]>([
    ['cat', 'Cat', /Class Cat has 4 image\(s\) in val \(such as 1\/0\.png\), but none to train on; the class cat to train on differs in upper and lower case alone/],
    ['\u00e9clair', 'e\u0301clair', /differs in the form of Unicode alone/], ['sea lion', 'sea_lion', /spaces or underscores/], ['sea-lion', 'Sea Lion', /spaces or underscores/], ['STRASSE', 'strasse', /case/],
    ['cat', 'dog', /Class dog has 4 image\(s\) in val \(such as 1\/0\.png\), but none to train on\.$/],
  ])('%s to train on, and %s to validate with', (one, other, says) => {
    expect(() => splitDataset(named([one, other, 'z'], (label, number) => (label === 1 ? 'val' : number === 0 ? 'test' : 'train')), { random: seededRandom(1) })).toThrow(expect.objectContaining({ code: 'DATA_CLASS_UNTRAINED', message: expect.stringMatching(says) }));
  });

  it('nothing to train on at all is said as such', () => {
    expect(() => splitDataset(named(['a', 'b'], (_, number) => (number === 0 ? 'val' : 'test')), { random: seededRandom(1) })).toThrow(expect.objectContaining({ code: 'DATA_HELD_OUT', message: expect.stringContaining('val and test') }));
  });
});

describe('folds', () => {
  const folded = (counts: number[], folds: number) => {
    const dataset = made(counts);
    return { ...dataset, samples: dataset.samples.map((sample, index) => ({ ...sample, fold: `fold${1 + index % folds}` })) };
  };
  it('are known in their order, where there are two or more', () => {
    expect(foldsOf(folded([12, 12], 11))).toEqual(Array.from({ length: 11 }, (_, index) => `fold${index + 1}`));
    expect(foldsOf(folded([4, 4], 1))).toEqual([]);
  });

  it('a single training validates with the last of them', () => {
    const split = splitDataset(folded([9, 9], 3), { random: seededRandom(1) });
    expect(new Set(split.validation.map(({ fold }) => fold))).toEqual(new Set(['fold3']));
    expect(new Set(split.train.map(({ fold }) => fold))).toEqual(new Set(['fold1', 'fold2']));
    expect(() => splitDataset(folded([1, 1], 2), { random: seededRandom(1) })).toThrow(expect.objectContaining({ code: 'DATA_CLASS_UNTRAINED' }));
  });
});
