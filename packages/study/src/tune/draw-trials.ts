import * as Plot from '@observablehq/plot';
import { chart } from '../chart/chart.js';
import type { FinishedTrial } from './trial.js';

/** The loss of each trial over its learning rate, or over its place in the search; trials that diverged are left out. File names and SVG. */
export function drawTrials(trials: readonly FinishedTrial[]): Record<string, string> {
  const finite = trials.filter(({ data, outcome }) => data === undefined && Number.isFinite(outcome.loss));
  const rates = finite.every(({ settings }) => settings.learningRate !== undefined);
  const points = finite.map(({ purpose, settings, outcome: { loss, accuracy } }, index) => ({ purpose, loss, accuracy, at: rates ? settings.learningRate! : index + 1 }));
  if (points.length === 0) return {};
  return {
    'trials.svg': chart({
      title: 'Validation log-loss of each trial',
      color: { legend: false, scheme: 'observable10' },
      marginRight: 120,
      x: rates ? { type: 'log', label: 'Learning rate' } : { label: 'Trial' },
      y: { label: 'Validation log-loss', grid: true },
      marks: [
        Plot.dot(points, { x: 'at', y: 'loss', stroke: 'purpose', r: 4 }),
        Plot.text(points, Plot.selectLast({ x: 'at', y: 'loss', z: 'purpose', text: 'purpose', fill: 'purpose', textAnchor: 'start', dx: 8 })),
      ],
    }),
  };
}
