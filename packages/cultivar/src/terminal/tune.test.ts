import { describe, expect, it } from '@jest/globals';
import { createKernel, parseReference } from '@cultivar/kernel';
import { preset } from '../preset.js';
import { commandOptions } from './tune.js';

describe('the settings that a search ends with', () => {
  it('are options of train, with what train does otherwise by default', async () => {
    const text = commandOptions({ settings: { strategy: { name: 'head2toe', fractions: [0.1, 1] }, optimizer: { name: 'adam', weightDecay: 0.01 }, learningRate: 0.005, batchSize: 8, epochs: 6, augmentations: [], regularizers: [{ name: 'l2', lambda: 0.1 }] } });
    expect(text).toBe('--strategy "head2toe:fractions=[0.1;1]" --optimizer adam:weightDecay=0.01 --learning-rate 0.005 --batch-size 8 --epochs 6 --augment none --regularize l2:lambda=0.1');
    const { catalogue } = await createKernel({ plugins: preset });
    expect(catalogue.check('strategy', parseReference('head2toe:fractions=[0.1;1]')).options).toMatchObject({ fractions: [0.1, 1] });
  });

  it('name each augmentation', () => {
    expect(commandOptions({ settings: { augmentations: [{ name: 'flip' }, { name: 'crop', scale: [0.6, 1] }] } })).toBe('--augment flip --augment "crop:scale=[0.6;1]"');
  });
});
