import { isFigure } from '@cultivar/sdk';
import * as Plot from '@observablehq/plot';
import { chart } from '../chart/chart.js';
import type { FinishedTrial } from './trial.js';

/** Losses below are drawn there: a logarithm has no place for none. */
const lowest = 1e-4;

/** The loss of each trial over its learning rate, or over its place in the search; trials that diverged are left out. File names and SVG. */
export function drawTrials(trials: readonly FinishedTrial[]): Record<string, string> {
  const finite = trials.filter(({ data, outcome }) => data === undefined && isFigure(outcome.loss));
  const rates = finite.every(({ settings }) => settings.learningRate !== undefined);
  const points = finite.map(({ purpose, settings, outcome: { loss } }, index) => ({ purpose, loss: Math.max(lowest, loss), at: rates ? settings.learningRate! : index + 1 }));
  if (points.length === 0) return {};
  const purposes = [...new Set(points.map(({ purpose }) => purpose))];
  return {
    'trials.svg': chart({
      title: 'Validation log-loss of each trial',
      color: { legend: false, scheme: 'observable10', domain: purposes },
      width: 760, marginLeft: 50, marginRight: 120, inset: 8,
      x: rates ? { type: 'log', label: 'Learning rate', tickFormat: '~e' } : { label: 'Trial' },
      // Of trials a power of ten apart the worst would leave no room for the differences of the best.
      y: { type: 'log', label: 'Validation log-loss', grid: true, tickFormat: '~g' },
      marks: [
        Plot.dot(points, { x: 'at', y: 'loss', stroke: 'purpose', r: 4, strokeWidth: 1.8 }),
        ...purposes.map((purpose, index) => Plot.text([{ purpose }], { text: 'purpose', fill: 'purpose', frameAnchor: 'top-right', textAnchor: 'start', dx: 8, dy: 4 + 15 * index })),
      ],
    }),
  };
}
