import { describe, expect, it } from '@jest/globals';
import { drawTrials } from './draw-trials.js';
import type { FinishedTrial } from './trial.js';

const trial = (purpose: string, settings: FinishedTrial['settings'], loss: number, data?: string): FinishedTrial =>
  ({ purpose, settings, ...(data !== undefined && { data }), id: `${purpose} ${loss}`, outcome: { loss, accuracy: 0.5, trainLoss: loss, seconds: 1 } });

describe('the picture of a search', () => {
  it('has a dot for each trial that came to a figure on the whole data, and names each round once', () => {
    const { 'trials.svg': picture = '' } = drawTrials([
      trial('by heart', { learningRate: 1e-3 }, 0.001, 'subset.csv'), trial('rate, by ten', { learningRate: 1e-5 }, 0.4), trial('rate, by ten', { learningRate: 0.1 }, 12),
      trial('rate, by ten', { learningRate: 1 }, Infinity), trial('rate, finer', { learningRate: 2e-3 }, 0), trial('rate, finer', { learningRate: 5e-3 }, 0.2),
    ]);
    expect(picture.match(/<circle/g)).toHaveLength(4);
    for (const round of ['rate, by ten', 'rate, finer']) expect(picture.split(`>${round}<`)).toHaveLength(2);
    expect(picture).not.toContain('by heart');
    // Rates as people write them, not as thousandths and millionths.
    expect(picture).toContain('>1e-5<');
    expect(picture).not.toMatch(/>\d+[mµ]</);
  });

  it('is drawn over the trials where no rate was searched, and not at all where there is nothing to draw', () => {
    expect(drawTrials([trial('random', { batchSize: 8 }, 0.3), trial('random', { batchSize: 16 }, 0.2)])['trials.svg']).toContain('Trial');
    expect(drawTrials([trial('random', { batchSize: 8 }, Infinity)])).toEqual({});
  });
});
