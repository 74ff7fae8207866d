import { isFigure, significant } from '@cultivar/sdk';
import * as Plot from '@observablehq/plot';
import { chart, drawable } from '../chart/chart.js';
import type { RateStudy } from './find-rate.js';

/** The range test and the sweep, one picture each, by file name; rates on a logarithmic scale. */
export function drawRates({ range: measured, sweep, suggestion, lowest, limit }: RateStudy): Record<string, string> {
  const range = drawable(measured);
  const marks = (own: Plot.Markish[]) => [
    ...(suggestion === null ? [] : [
      Plot.ruleX([suggestion], { stroke: 'seagreen', strokeWidth: 2 }),
      Plot.text([suggestion], { x: (rate: number) => rate, text: () => ` suggested: ${significant(suggestion)}`, frameAnchor: 'top', textAnchor: 'start', dx: 4, dy: 4, fill: 'seagreen' }),
    ]),
    ...own,
    Plot.frame({ stroke: '#ccc' }),
  ];
  const size = { width: 720, height: 400, marginLeft: 50, marginBottom: 36 };
  const trials = drawable(sweep.flatMap(({ rate, loss, validationLoss }) => [{ rate, loss, of: 'training' }, { rate, loss: validationLoss, of: 'validation' }])).filter(({ loss }) => loss !== null);
  const firstLosses = range.slice(0, 10).map(({ loss }) => loss).filter(isFigure);
  const top = 3 * Math.max(...(firstLosses.length > 0 ? firstLosses : [1]));
  return {
    'range-test.svg': chart({
      ...size, title: 'Range test: the rate rises with each step',
      x: { type: 'log', label: 'learning rate', tickFormat: '~e' }, y: { label: 'loss of the batch', domain: [0, top], clamp: true, grid: true },
      marks: marks([
        Plot.dot(range, { x: 'learningRate', y: 'loss', r: 2, fill: '#bbb', clip: true }),
        Plot.line(range, { x: 'learningRate', y: 'smoothed', stroke: 'steelblue', strokeWidth: 2, clip: true }),
        Plot.ruleX([lowest], { stroke: 'steelblue', strokeDasharray: '4,3' }),
        ...(limit === undefined ? [] : [Plot.ruleX([limit], { stroke: 'crimson', strokeDasharray: '4,3' })]),
      ]),
    }),
    'rate-sweep.svg': chart({
      ...size, title: 'Sweep by powers of ten: loss after training at each rate',
      x: { type: 'log', label: 'learning rate', tickFormat: '~e', domain: [sweep[0]!.rate, sweep.at(-1)!.rate] }, y: { label: 'loss', type: 'log', grid: true, tickFormat: '~g' },
      marks: marks([
        Plot.line(trials, { x: 'rate', y: 'loss', z: 'of', stroke: 'of' }),
        Plot.dot(trials, { x: 'rate', y: 'loss', fill: 'of' }),
        Plot.text(trials.filter(({ rate }, index) => index < 2 && rate === trials[0]!.rate), { x: 'rate', y: 'loss', text: 'of', textAnchor: 'start', dx: 6, dy: -8, fill: 'of' }),
      ]),
    }),
  };
}
