import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import { pairwiseMeanAccuracy } from './class-separation.js';
import { relativeDistance } from './feature-distance.js';
import { FeatureSimilarity } from './feature-similarity.js';

const width = 20;
/** Normal features; each class shifted along an axis of its own. */
function sample(rows: number, classes: number, { apart = 0, shift = 0, spread = 1, seed = 1 } = {}) {
  const random = createRandom(seed);
  const labels = Int32Array.from({ length: rows }, (_, row) => row % classes);
  const data = Float32Array.from({ length: rows * width }, (_, i) => shift + spread * random.normal() + (i % width === labels[Math.floor(i / width)] ? apart : 0));
  return { features: { data, shape: [rows, width] }, labels, classes };
}
const statistics = { count: 1000, mean: Array.from({ length: width }, () => 0), std: Array.from({ length: width }, () => 1) };

function measure(...given: Parameters<FeatureSimilarity['measure']>) {
  return Object.assign(new FeatureSimilarity(), { random: createRandom(0) }).measure(...given);
}

describe('separation of classes', () => {
  it('is chance for classes that are alike, and right for those far apart', () => {
    const alike = sample(600, 3);
    expect(Math.abs(pairwiseMeanAccuracy(alike.features, alike.labels, 3) - 0.5)).toBeLessThan(0.06);
    const apart = sample(600, 3, { apart: 8 });
    expect(pairwiseMeanAccuracy(apart.features, apart.labels, 3)).toBeGreaterThan(0.98);
  });

  it('does not fall with the number of classes', () => {
    const [few, many] = [2, 20].map((classes) => {
      const { features, labels } = sample(600, classes, { apart: 2.5 });
      return pairwiseMeanAccuracy(features, labels, classes);
    });
    expect(Math.abs(few! - many!)).toBeLessThan(0.08);
  });

  it('leaves the image itself out of its mean: two images of noise a class are not recognised', () => {
    const { features, labels } = sample(40, 20);
    expect(pairwiseMeanAccuracy(features, labels, 20)).toBeLessThan(0.6);
  });

  it('agrees with means taken anew for each image', () => {
    const { features, labels } = sample(30, 3, { apart: 1.5 });
    const rows = [...labels.keys()].map((row) => [...features.data.subarray(row * width, (row + 1) * width)]);
    const mean = (own: number[][]) => rows[0]!.map((_, j) => own.reduce((sum, row) => sum + row[j]!, 0) / own.length);
    const centre = mean(rows);
    const deviation = centre.map((value, j) => Math.sqrt(rows.reduce((sum, row) => sum + (row[j]! - value) ** 2, 0) / rows.length));
    const unit = rows.map((row) => row.map((value, j) => (value - centre[j]!) / deviation[j]!)).map((row) => row.map((value) => value / Math.hypot(...row)));
    const nearer = unit.flatMap((row, index) => {
      const cosines = [0, 1, 2].map((label) => {
        const others = mean(unit.filter((_, other) => other !== index && labels[other] === label));
        return row.reduce((sum, value, j) => sum + value * others[j]!, 0) / Math.hypot(...others);
      });
      const own = cosines[labels[index]!]!;
      return cosines.filter((_, label) => label !== labels[index]).map((other) => (own > other ? 1 : 0));
    });
    expect(pairwiseMeanAccuracy(features, labels, 3)).toBeCloseTo(nearer.reduce<number>((sum, value) => sum + value, 0) / nearer.length, 10);
  });
});

describe('distance of features', () => {
  it('is 0 for more images of the same kind, however few', () => {
    for (const rows of [30, 300, 3000]) expect(relativeDistance(sample(rows, 2).features, statistics)).toBeLessThan(0.05);
  });
  it('is that between Gaussians: (m1 - m2)^2 + (s1 - s2)^2 over s2^2', () => {
    expect(relativeDistance(sample(5000, 2, { shift: 1.5 }).features, statistics)).toBeCloseTo(2.25, 1);
    expect(relativeDistance(sample(5000, 2, { spread: 0.5 }).features, statistics)).toBeCloseTo(0.25, 1);
  });
});

describe('similarity', () => {
  it('falls as the features leave those of the backbone, and as the classes run into each other', () => {
    const [same, far, mixed] = [sample(300, 3, { apart: 3 }), sample(300, 3, { apart: 3, shift: 1 }), sample(300, 3, { apart: 1 })].map((given) => measure(given, statistics).score);
    expect(same).toBeGreaterThan(far!);
    expect(same).toBeGreaterThan(mixed!);
  });
  it('is the separation alone, and says so, where the backbone has no statistics', () => {
    const { score, figures, reasons } = measure(sample(300, 3, { apart: 3 }));
    expect(score).toBe(figures['separation']);
    expect(reasons.join(' ')).toContain('without statistics');
  });
  it('of many images looks at a sample', () => {
    const { score } = measure(sample(4000, 2, { apart: 3 }), statistics);
    expect(score).toBeGreaterThan(0);
  });
});
