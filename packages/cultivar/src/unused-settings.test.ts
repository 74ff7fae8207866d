import { describe, expect, it } from '@jest/globals';
import { SettingUse } from '@cultivar/training';
import { join } from 'node:path';
import { settingsSchema } from './settings.js';
import { tellUnused, unusedOptions, writtenAs } from './unused-settings.js';

const given = { augment: ['flip', { name: 'mixup', alpha: 0.2 }], batchSize: 8, regularize: ['l2', 'dropout:rate=0.3'] };
const configured = { views: 3, batchSize: 16 };
const configPath = join(process.cwd(), 'cultivar.config.ts');

describe('settings that had no effect', () => {
  it('are named as they were written: options, settings of a call, a configuration', () => {
    const options = writtenAs({ given, configured, configPath, asOptions: true });
    expect([options('augmentations'), options('batchSize'), options('regularizers.1'), options('views'), options('epochs')].map((one) => one?.text))
      .toEqual(['--augment flip --augment mixup:alpha=0.2', '--batch-size 8', '--regularize dropout:rate=0.3', 'views: 3 (of cultivar.config.ts)', undefined]);
    const call = writtenAs({ given, configured });
    expect([call('augmentations'), call('batchSize'), call('views')].map((one) => one?.text)).toEqual(['augment: flip, mixup:alpha=0.2', 'batchSize: 8', 'views: 3 (of the configuration)']);
    expect(call('regularizers.0')?.setting).toBe('regularize');
  });

  it('are told once, with those that a study leaves aside', () => {
    const use = new SettingUse();
    use.add(['batchSize'], [{ setting: 'batchSize', why: 'one run' }, { setting: 'views', why: 'nothing augments' }, { setting: 'keep', why: 'nobody asked' }]);
    const said: string[] = [];
    const logger = { debug() {}, info() {}, warn: (text: string) => { said.push(text); } };
    const warnings = tellUnused(use, { given, configured: { ...configured, learningRate: 1 }, configPath }, { logger, aside: { learningRate: 'it is looked for', views: 'copies are its own' } });
    expect(warnings.map(({ setting }) => setting)).toEqual(['learningRate', 'views']);
    expect(said).toEqual(['learningRate: 1 (of cultivar.config.ts) has no effect: it is looked for.', 'views: 3 (of cultivar.config.ts) has no effect: copies are its own.']);
    expect(unusedOptions({ trials: 5, search: undefined }, 'there is nothing to search', { asOptions: true }).map(({ message }) => message)).toEqual(['--trials 5 has no effect: there is nothing to search.']);
  });

  it('have names of settings', () => {
    const whole = Object.fromEntries(Object.keys(settingsSchema.shape).map((name) => [name, ['x']])) as never;
    for (const setting of ['augmentations', 'regularizers.0', 'similarity', 'solver', 'initializer', 'validation', 'optimizer', 'schedule', 'epochs', 'batchSize', 'learningRate', 'views', 'keep'] as const) {
      expect(Object.keys(settingsSchema.shape)).toContain(writtenAs({ given: whole, configured: {} })(setting)!.setting);
    }
  });
});
