import * as Plot from '@observablehq/plot';
import { chart, drawable } from '../chart/chart.js';
import type { LearningCurvePoint } from './learning-curve.js';

/** Accuracy and its interval over the images of each class, as a standalone SVG. */
export function drawLearningCurve(points: readonly LearningCurvePoint[]): string {
  return chart({
    title: 'Validation accuracy with ever more training images (95 % interval)',
    x: { type: 'log', label: 'Training images of each class', ticks: points.map(({ perClass }) => perClass), tickFormat: String },
    marginRight: 24,
    y: { label: 'Accuracy', grid: true, percent: true },
    marks: [
      Plot.areaY(drawable(points), { x: 'perClass', y1: 'low', y2: 'high', fillOpacity: 0.2 }),
      Plot.lineY(drawable(points), { x: 'perClass', y: 'accuracy', stroke: 'steelblue', marker: 'circle' }),
    ],
  });
}
