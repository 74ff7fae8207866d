import * as Plot from '@observablehq/plot';
import { chart, drawable } from '../chart/chart.js';
import { distances, type Minimum } from './sharpness.js';

/** The profiles, one line for each batch size; a standalone SVG. */
export function drawSharpness(minima: readonly Minimum[]): string {
  const lines = drawable(minima.flatMap(({ batchSize, profile }) => profile.map(({ distance, loss }) => ({ batch: `batches of ${batchSize}`, distance, loss }))));
  return chart({
    title: 'Training loss around the minimum that each batch size ended in',
    color: { domain: [...new Set(lines.map(({ batch }) => batch))], scheme: 'observable10' },
    marginRight: 110,
    x: { label: 'Distance along random directions, in parts of each filter' },
    y: { label: 'Training loss', grid: true },
    marks: [
      Plot.lineY(lines, { x: 'distance', y: 'loss', stroke: 'batch' }),
      Plot.text(lines.filter(({ distance }) => distance === distances.at(-1)), { x: 'distance', y: 'loss', text: 'batch', fill: 'batch', textAnchor: 'start', dx: 6 }),
    ],
  });
}
