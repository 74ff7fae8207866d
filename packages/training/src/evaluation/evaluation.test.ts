import { describe, expect, it } from '@jest/globals';
import { distance, golden } from '../../../../test/conformance/instance.js';
import { accuracy } from './accuracy.js';
import type { Interval } from './bootstrap.js';
import { expectedCalibrationError } from './calibration-error.js';
import { confusionMatrix } from './confusion-matrix.js';
import { evaluate } from './evaluation.js';
import { logLoss } from './log-loss.js';
import { perClass } from './per-class.js';
import { predictedClasses } from './predicted-class.js';

interface Golden {
  evaluation: {
    probabilities: number[][]; labels: number[]; accuracy: number; loss: number; precision: number[]; recall: number[]; f1: number[]; support: number[];
    confusion: number[][]; calibrationError: number;
  };
}
const { evaluation: expected } = golden<Golden>('classification');
const probabilities = { data: Float32Array.from(expected.probabilities.flat()), shape: [80, 5] };
const labels = Int32Array.from(expected.labels);
const names = ['a', 'b', 'c', 'd', 'e'];

describe('evaluation agrees with scikit-learn', () => {
  it('accuracy', () => expect(accuracy(probabilities, labels)).toBe(expected.accuracy));
  it('log-loss', () => expect(logLoss(probabilities, labels)).toBeCloseTo(expected.loss, 6));
  it('confusion matrix', () => expect(confusionMatrix(probabilities, labels)).toEqual(expected.confusion));
  it('precision, recall and F1 of each class; where nothing is predicted or there, for which it has zeros, there are none', () => {
    const scores = perClass(predictedClasses(probabilities), labels, names);
    expect(distance(scores.map(({ precision }) => precision ?? 0), expected.precision)).toBeLessThan(1e-12);
    expect(distance(scores.map(({ recall }) => recall ?? 0), expected.recall)).toBeLessThan(1e-12);
    expect(distance(scores.map(({ f1 }) => f1 ?? 0), expected.f1)).toBeLessThan(1e-12);
    expect(scores.map(({ precision, recall, f1 }) => [precision, recall, f1].map((value) => value === null))).toEqual([
      [false, false, false], [false, false, false], [false, false, false], [true, false, false], [false, true, true],
    ]);
    expect(scores.map(({ support }) => support)).toEqual(expected.support);
  });
  it('and calibration error with Guo et al.', () => expect(expectedCalibrationError(probabilities, labels)).toBeCloseTo(expected.calibrationError, 7));
});

describe('evaluation', () => {
  it('of one who is always right and sure is perfect', () => {
    const sure = { data: Float32Array.from([1, 0, 0, 1]), shape: [2, 2] };
    const found = evaluate(sure, Int32Array.from([0, 1]), ['a', 'b'], 'test', [{ name: 'images', metric: { compute: ({ labels: own }) => own.length } }]);
    expect(found).toMatchObject({ accuracy: 1, calibrationError: 0, images: 2, split: 'test', extra: { images: 2 }, confusion: [[1, 0], [0, 1]] });
    expect(found.loss).toBeCloseTo(0, 6);
  });
  it('says of every figure how far it may be off', () => {
    const found = evaluate(probabilities, labels, names, 'test', [{ name: 'rows', metric: { compute: ({ labels: own }) => own.length } }]);
    const { intervals } = found;
    expect(intervals!.accuracy.low).toBeLessThan(found.accuracy);
    expect(intervals!.accuracy.high).toBeGreaterThan(found.accuracy);
    expect(intervals!.extra).toEqual({ rows: { low: 80, high: 80 } });
    found.perClass.forEach(({ recall, precision, f1 }, index) => {
      for (const [value, { low, high }] of [[recall, intervals!.perClass[index]!.recall], [precision, intervals!.perClass[index]!.precision], [f1, intervals!.perClass[index]!.f1]].filter((pair): pair is [number, Interval] => pair.every((one) => one !== null))) {
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
      }
    });
  });
  it('says nothing of classes without images, or of a metric that has no value: neither a figure nor an interval', () => {
    const { perClass: [, , absent], intervals, extra } = evaluate({ data: Float32Array.from([1, 0, 0, 0, 1, 0]), shape: [2, 3] }, Int32Array.from([0, 1]), ['a', 'b', 'c'], 'all', [{ name: 'broken', metric: { compute: () => NaN } }]);
    expect(absent).toEqual({ label: 'c', precision: null, recall: null, f1: null, support: 0 });
    expect(intervals!.perClass[2]).toEqual({ precision: null, recall: null, f1: null });
    expect([extra, intervals!.extra]).toEqual([{ broken: null }, { broken: null }]);
  });
  it('of one who is sure and wrong is finite', () => {
    expect(logLoss({ data: Float32Array.from([1, 0]), shape: [1, 2] }, Int32Array.from([1]))).toBeCloseTo(15.94, 1);
    expect(expectedCalibrationError({ data: Float32Array.from([1, 0]), shape: [1, 2] }, Int32Array.from([1]))).toBe(1);
  });
});

describe('many classes', () => {
  it.each([[2000, 2000], [2001, 0]])('%i have a confusion matrix of %i rows, and all other figures', (classes, rows) => {
    const names = Array.from({ length: classes }, (_, index) => `class ${index}`);
    const certain = { data: new Float32Array(3 * classes), shape: [3, classes] };
    [0, 7, 9].forEach((label, row) => (certain.data[row * classes + label] = 1));
    const found = evaluate(certain, Int32Array.from([0, 7, 8]), names, 'all');
    expect(found.confusion).toHaveLength(rows);
    expect(found.accuracy).toBeCloseTo(2 / 3, 12);
    expect(found.perClass).toHaveLength(classes);
    expect(found.perClass[9]).toEqual({ label: 'class 9', precision: 0, recall: null, f1: null, support: 0 });
  });
});
