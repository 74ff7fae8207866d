import { isFigure, significant } from '@cultivar/sdk';
import * as Plot from '@observablehq/plot';
import { chart } from '../chart/chart.js';
import type { OptimizerPath } from './paths.js';
import { surfaces, type Surface } from './surfaces.js';

const columns = 3;
const size = 260;

/** One picture for each surface, by file name: the path of each optimizer over the surface's contours. */
export function drawPaths(paths: readonly OptimizerPath[]): Record<string, string> {
  return Object.fromEntries(surfaces.flatMap((surface) => {
    const own = paths.filter((one) => one.surface === surface.name);
    if (own.length === 0) return [];
    const [left, right, bottom, top] = surface.frame;
    const place = (index: number) => ({ column: index % columns, row: Math.floor(index / columns) });
    const points = own.flatMap(({ points: all }, index) => all.filter((point) => point.every(isFigure)).map(([x, y], step) => ({ x: clamp(x, left, right), y: clamp(y, bottom, top), step, ...place(index) })));
    const titles = own.map(({ optimizer, rate, rateFrom, value }, index) => ({
      text: `${optimizer}, rate ${rate}${rateFrom === 'surface' ? '' : ' (best tried)'}: ${significant(value, 3)}`, ...place(index),
    }));
    const facet = { fx: 'column', fy: 'row' } as const;
    const grid = own.map((_, index) => place(index));
    const height = (size * (top - bottom)) / (right - left);
    const picture = chart({
      title: `${surface.formula} from (${surface.start.join(', ')}), ${surface.steps} steps`,
      width: 60 + columns * (size + 20), height: 70 + Math.ceil(own.length / columns) * (height + 30),
      marginTop: 24, marginLeft: 34,
      x: { domain: [left, right], label: null, ticks: 5 }, y: { domain: [bottom, top], label: null, ticks: 4 },
      fx: { axis: null, padding: 0.08 }, fy: { axis: null, padding: 0.18 },
      marks: [
        contours(surface, grid, facet),
        Plot.line(points, { x: 'x', y: 'y', z: null, stroke: 'crimson', strokeWidth: 1.2, ...facet }),
        Plot.dot(points, { x: 'x', y: 'y', r: 1.8, fill: 'crimson', ...facet }),
        Plot.dot(points.filter(({ step }) => step === 0), { x: 'x', y: 'y', r: 3.5, fill: 'black', ...facet }),
        Plot.text(titles, { text: 'text', frameAnchor: 'top-left', dy: -13, fontSize: 10.5, textAnchor: 'start', ...facet }),
        Plot.frame({ stroke: '#bbb', facet: 'include' }),
      ],
    });
    return [[`path-${surface.name}.svg`, picture]];
  }));
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The surface's levels, in every facet. */
function contours({ value, frame: [left, right, bottom, top], levels }: Surface, grid: readonly { column: number; row: number }[], facet: { fx: 'column'; fy: 'row' }): Plot.Markish {
  const across = 60;
  const down = 40;
  const samples = Array.from({ length: across * down }, (_, index) => {
    const x = left + ((right - left) * (index % across)) / (across - 1);
    const y = bottom + ((top - bottom) * Math.floor(index / across)) / (down - 1);
    return { x, y, z: value(x, y) };
  });
  const everywhere = grid.flatMap((place) => samples.map((sample) => ({ ...sample, ...place })));
  return Plot.contour(everywhere, { x: 'x', y: 'y', value: 'z', thresholds: [...levels], stroke: '#c8c8c8', strokeWidth: 0.8, interpolate: 'nearest', pixelSize: 6, ...facet });
}
