import * as Plot from '@observablehq/plot';
import { chart, drawable } from '../chart/chart.js';
import type { TrainingCurve } from './training-curves.js';

interface Point {
  x: number;
  loss: number;
  optimizer: string;
}

/** Loss by step and validation loss by epoch, all optimizers in one picture each, by file name. */
export function drawCurves(curves: readonly TrainingCurve[]): Record<string, string> {
  const named = curves.map((curve) => ({ ...curve, name: `${curve.optimizer}, rate ${curve.rate}` }));
  const steps = named.flatMap((curve) => curve.steps.map(({ step, smoothed }) => ({ x: step, loss: smoothed, optimizer: curve.name })));
  const epochs = named.flatMap((curve) => curve.epochs.map(({ epoch, validationLoss }) => ({ x: epoch, loss: validationLoss, optimizer: curve.name })));
  return {
    'training-loss.svg': picture(steps, 'Training loss, smoothed, each optimizer at the best of its rates', 'step'),
    'validation-loss.svg': picture(epochs, 'Validation loss after each epoch', 'epoch'),
  };
}

function picture(all: readonly Point[], title: string, x: string): string {
  const points = drawable(all);
  const ends = [...new Map(points.map((point) => [point.optimizer, point])).values()];
  return chart({
    title, width: 900, height: 520, marginLeft: 50, marginRight: 190, marginBottom: 36,
    x: { label: x }, y: { type: 'log', label: 'loss', grid: true, tickFormat: '~g' }, color: { scheme: 'sinebow' },
    marks: [Plot.line(points, { x: 'x', y: 'loss', z: 'optimizer', stroke: 'optimizer', strokeWidth: 1.6 }), ...labels(ends)],
  });
}

/** Names at the ends of the lines, set apart so that none lies on another. */
function labels(ends: readonly Point[]): Plot.Markish[] {
  const order = ends.toSorted((a, b) => b.loss - a.loss);
  return order.map((end, index) => Plot.text([end], {
    text: 'optimizer', fill: 'optimizer', frameAnchor: 'right', textAnchor: 'start', dx: 8,
    dy: (index - (order.length - 1) / 2) * 15, fontSize: 11,
  }));
}
