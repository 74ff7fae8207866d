import { describe, expect, it } from '@jest/globals';
import { datasetLines, epochLine, evaluationLines, planLines } from './report.js';

const sample = (label: number, split?: string) => ({ label, split });

describe('what people are told', () => {
  it('of data: counts, what was set aside and why, duplicates', () => {
    const lines = datasetLines({
      root: '/photos', layout: 'class-folders', classes: ['cats', 'dogs'],
      samples: [sample(0, 'train'), sample(0, 'val'), sample(1, 'train')],
      setAside: Array.from({ length: 12 }, (_, index) => ({ path: `cats/${index}.jpg`, reason: 'the file is empty' })),
      duplicates: [{ acrossSplit: true, conflicting: false }, { acrossSplit: false, conflicting: false }],
    });
    expect(lines).toEqual([
      'Data: /photos',
      '  3 images of 2 classes (2 train, 1 val)',
      '  cats  2',
      '  dogs  1',
      '  12 files set aside:',
      ...Array.from({ length: 10 }, (_, index) => `    cats/${index}.jpg: the file is empty`),
      '    and 2 more; all are listed by npx cultivar data check --json and in the bundle',
      '  2 exact duplicates left out (1 across the split)',
    ]);
  });

  it('of a plan: why, and what comes after what', () => {
    expect(planLines('fine-tune-top', {
      reasons: ['There are many images.'],
      phases: [
        { kind: 'solve', name: 'probe', candidates: [['top']] },
        { kind: 'train', name: 'top', from: 'top', epochs: 1, batchSize: 16, learningRate: 1e-4, rates: {}, batchNorm: 'frozen', views: 2 },
      ],
    })).toEqual([
      'Plan: fine-tune-top',
      '  because there are many images.',
      '  1. probe: solve the classifier on the frozen features of top',
      '  2. top: train from stage top on, 1 epoch of batches of 16, rate 0.0001, batch norm frozen, 2 views',
    ]);
  });

  it('of a selection among features', () => {
    const select = { stages: ['low', 'top'], penalty: 0.05, fractions: [0.1, 1] };
    expect(planLines('head2toe', { reasons: [], phases: [{ kind: 'solve', name: 'select', candidates: [['top']], select }] })[1])
      .toBe('  1. select: solve the classifier on the frozen features of the best of top | a share of the features of low + top');
  });

  it('of an epoch', () => {
    expect(epochLine({ phase: 'top', epoch: 2, loss: 0.5, validationLoss: 0.25, validationAccuracy: 0.9, learningRate: 1e-4, seconds: 3 }))
      .toBe('  top, epoch 2: loss 0.5000, validation loss 0.2500, accuracy 90.0 %, 3.0 s');
  });

  it('of a result: accuracy, each class, the confusion', () => {
    expect(evaluationLines({
      accuracy: 0.75, loss: 0.5, calibrationError: 0.1, images: 4, split: 'validation', extra: { top5: 1 },
      intervals: { accuracy: { low: 0.25, high: 1 }, loss: { low: 0, high: 1 }, calibrationError: { low: 0, high: 1 }, perClass: [], extra: {} },
      confusion: [[2, 0], [1, 1]],
      perClass: [{ label: 'cats', precision: 2 / 3, recall: 1, f1: 0.8, support: 2 }, { label: 'dogs', precision: 1, recall: 0.5, f1: 2 / 3, support: 2 }],
    })).toEqual([
      'Result on 4 images (validation)',
      '  accuracy 75.0 % (95 %: 25.0 % to 100.0 %)   loss 0.5000   calibration error 10.0 %',
      '  top5 1.0000',
      '  class  precision   recall      F1  images',
      '  cats      66.7 %  100.0 %  80.0 %       2',
      '  dogs     100.0 %   50.0 %  66.7 %       2',
      '  confusion (rows: true class, columns: predicted)',
      '  cats  2  0',
      '  dogs  1  1',
    ]);
  });

  it('of classes without images, or never predicted: that there is no figure', () => {
    const none = { precision: null, recall: null, f1: null, support: 0 };
    const lines = evaluationLines({
      accuracy: 1, loss: Number.MAX_VALUE, calibrationError: Number.NaN, images: 2, split: 'all', extra: { broken: null }, confusion: [[2, 0], [0, 0]],
      perClass: [{ label: 'cats', precision: 1, recall: 1, f1: 1, support: 2 }, { label: 'dogs', ...none }],
    });
    expect(lines.slice(1, 5)).toEqual([
      '  accuracy 100.0 %   loss none   calibration error none',
      '  broken none',
      '  class  precision   recall       F1  images',
      '  cats     100.0 %  100.0 %  100.0 %       2',
    ]);
    expect(lines[5]).toBe('  dogs        none     none     none       0');
    const many = evaluationLines({
      accuracy: 1, loss: 0, calibrationError: 0, images: 1, split: 'all', extra: {}, confusion: Array.from({ length: 30 }, () => Array.from({ length: 30 }, () => 0)),
      perClass: Array.from({ length: 30 }, (_, index) => (index === 7 ? { label: 'seven', precision: 1, recall: 1, f1: 1, support: 1 } : { label: `class ${index}`, ...none })),
    });
    expect(many.filter((line) => line.includes('none'))).toEqual([]);
    expect(many).toContain('  the 1 weakest of 30 classes:');
  });

  it('of many classes: the weakest, and the most frequent mistakes', () => {
    const labels = Array.from({ length: 25 }, (_, index) => `class ${index}`);
    const lines = evaluationLines({
      accuracy: 0.9, loss: 0.5, calibrationError: 0.1, images: 250, split: 'test', extra: {},
      confusion: labels.map((_, truth) => labels.map((__, guess) => (truth === guess ? 9 : truth === 3 && guess === 4 ? 1 : 0))),
      perClass: labels.map((label, index) => ({ label, precision: 1, recall: 1, f1: index / 25, support: 10 })),
    });
    expect(lines).toContain('  the 10 weakest of 25 classes:');
    expect(lines).toContain('    class 3 taken for class 4: 1');
  });
});
