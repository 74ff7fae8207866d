import * as Plot from '@observablehq/plot';
import { chart } from '../chart/chart.js';
import type { Decomposition } from './bias-variance.js';

/** The parts stacked over the number of neighbours, and the measured error as a line; a standalone SVG. */
export function drawBiasVariance(parts: readonly Decomposition[]): string {
  const stacked = parts.flatMap(({ neighbours, noise, variance, bias }) => [
    { neighbours, part: 'noise', value: noise }, { neighbours, part: 'variance', value: variance }, { neighbours, part: 'bias', value: bias },
  ]);
  return chart({
    title: 'Bias, variance and noise of k nearest neighbours; the line is the measured error',
    color: { legend: false, domain: ['noise', 'variance', 'bias'], range: ['#bbbbbb', '#e69f00', '#0072b2'] },
    x: { type: 'log', label: 'Neighbours (few: wild, many: stiff)', tickFormat: String },
    y: { label: 'Squared error', grid: true },
    marks: [
      Plot.areaY(stacked, Plot.stackY({ order: ['noise', 'variance', 'bias'] }, { x: 'neighbours', y: 'value', fill: 'part', fillOpacity: 0.7 })),
      Plot.lineY([...parts], { x: 'neighbours', y: 'error', stroke: 'black', marker: 'circle' }),
      Plot.text(stacked.filter(({ neighbours }) => neighbours === parts.at(-1)!.neighbours), Plot.stackY({ order: ['noise', 'variance', 'bias'] }, { x: 'neighbours', y: 'value', z: 'part', text: 'part', textAnchor: 'end', dx: -6 })),
    ],
  });
}
