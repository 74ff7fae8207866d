import { describe, expect, it } from '@jest/globals';
import { checkSettings } from './settings.js';

describe('settings', () => {
  it('take references as text and as objects', () => {
    const settings = { backbone: 'nano', schedule: { name: 'cosine', floor: 0.1 }, augment: ['flip', { name: 'mixup', alpha: 0.2 }], seed: 7 };
    expect(checkSettings(settings, 'x')).toEqual(settings);
  });

  it('ignore what is not given', () => {
    expect(checkSettings({ seed: undefined }, 'x')).toEqual({});
  });

  it.each([
    [{ sead: 1 }, 'sead: there is no such option (did you mean seed?)'],
    [{ seed: -1 }, 'seed: '],
    [{ validation: 1 }, 'validation: '],
    [{ learningRate: 0 }, 'learningRate: '],
    [{ epochs: 1.5 }, 'epochs: '],
    [{ backbone: { alpha: 1 } }, 'backbone: {"alpha":1} was given: expected a name'],
    [{ epochs: '3' }, 'epochs: "3" was given; it must be a whole number of at least 1'],
    [{ data: '' }, 'data: it is empty'],
  ])('refuse %j', (settings, reason) => {
    expect(() => checkSettings(settings, 'cultivar.config.ts')).toThrow(expect.objectContaining({
      code: 'CONFIG_INVALID', message: expect.stringContaining(reason),
    }));
  });
});
