import { describe, expect, it } from '@jest/globals';
import type { Dataset } from '@cultivar/data';
import { createRandom, silentLogger } from '@cultivar/kernel';
import { ImageSet } from './image-set.js';

const perClass = [10, 7, 13];
const samples = perClass.flatMap((count, label) => Array.from({ length: count }, (_, index) => ({
  path: `/${label}/${index}.png`, name: `${label}/${index}.png`, label, ...(index === 0 && { split: 'test' as const }),
})));
const dataset = { root: '/', layout: 'folders', classes: ['a', 'b', 'c'], samples, setAside: [], duplicates: [], contentHash: '' } as unknown as Dataset;
const preprocessing = { size: 32, resize: 'stretch', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' } as const;
const set = (further: object = {}, seed = 1) => new ImageSet(dataset, {
  preprocessing: { ...preprocessing, mean: [0, 0, 0], std: [1, 1, 1] }, validation: 0.2, random: createRandom(seed), logger: silentLogger, signal: new AbortController().signal, cacheFolder: '', ...further,
});

describe('the images of a run', () => {
  it('are numbered as in the dataset, whatever they are used for', () => {
    const { train, validation, test, labels, all } = set();
    expect([...all].sort((a, b) => a - b)).toEqual([...samples.keys()]);
    expect(test.map((index) => labels[index])).toEqual([0, 1, 2]);
    expect([...train, ...validation].every((index) => labels[index] === samples[index]!.label)).toBe(true);
  });

  it('are each held out once by the folds, which are alike; test images by none', () => {
    const folds = [0, 1, 2, 3, 4].map((index) => set({ fold: { index, of: 5 } }));
    expect(folds.flatMap(({ validation }) => validation).sort((a, b) => a - b)).toEqual([...samples.keys()].filter((index) => samples[index]!.split !== 'test'));
    for (const { train, validation, test, labels } of folds) {
      expect(new Set([...train, ...validation, ...test]).size).toBe(samples.length);
      for (let label = 0; label < 3; label += 1) {
        const held = validation.filter((index) => labels[index] === label).length;
        expect(Math.abs(held - (perClass[label]! - 1) / 5)).toBeLessThan(1);
      }
    }
  });

  it('are refused where a class has fewer than there are folds', () => {
    expect(() => set({ fold: { index: 0, of: 7 } })).toThrow(expect.objectContaining({ code: 'DATA_TOO_FEW' }));
  });

  it('can be fewer: more of them are the fewer and others, and the validation images stay', () => {
    const [few, more, all] = [set({ perClass: 2 }), set({ perClass: 5 }), set()];
    expect(few.perClass()).toEqual([2, 2, 2]);
    expect(few.train.every((index) => more.train.includes(index))).toBe(true);
    expect(more.train.every((index) => all.train.includes(index))).toBe(true);
    expect(few.validation).toEqual(all.validation);
  });

  it('weigh what was said of them, in the order of the split, also when some are withdrawn', () => {
    const { train } = set();
    const weighed = set({ importance: train.map((index) => 100 + index) });
    weighed.withdraw([{ index: train[3]!, code: 'IMAGE_CORRUPT', reason: 'a test' }]);
    expect([...weighed.importanceOf(weighed.train)!]).toEqual(weighed.train.map((index) => 100 + index));
    expect(() => set({ importance: [1, 2] })).toThrow(expect.objectContaining({ code: 'IMPORTANCE_LENGTH' }));
  });
});
