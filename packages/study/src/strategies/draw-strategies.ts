import { isFigure } from '@cultivar/sdk';
import * as Plot from '@observablehq/plot';
import { chart, drawable } from '../chart/chart.js';
import type { StrategyTrial } from './compare-strategies.js';

/** Accuracy and log-loss of each strategy with their intervals, in the order of the comparison; those without figures are left out. File names and SVG. */
export function drawStrategies(trials: readonly StrategyTrial[]): Record<string, string> {
  const rows = trials.flatMap(({ strategy, accuracy, loss, intervals }) => (intervals && isFigure(accuracy) && isFigure(loss) ? [{ strategy, accuracy, loss, of: intervals }] : []));
  if (rows.length === 0) return {};
  const picture = (figure: 'accuracy' | 'loss', title: string, scale: object) => {
    const drawn = drawable(rows.map(({ strategy, of, ...figures }) => ({ strategy, value: figures[figure], ...of[figure] })));
    return chart({
      title, marginLeft: 20 + 7 * Math.max(...rows.map(({ strategy }) => strategy.length)), height: 70 + 36 * rows.length,
      x: { grid: true, inset: 10, ...scale }, y: { domain: rows.map(({ strategy }) => strategy), label: null, type: 'point', padding: 0.5 },
      marks: [
        Plot.ruleY(drawn, { y: 'strategy', x1: 'low', x2: 'high', stroke: 'steelblue', strokeWidth: 2 }),
        Plot.dot(drawn, { y: 'strategy', x: 'value', fill: 'steelblue', r: 5 }),
      ],
    });
  };
  return {
    'accuracy.svg': picture('accuracy', 'Accuracy of each strategy (95 % interval)', { label: 'Accuracy', percent: true }),
    'loss.svg': picture('loss', 'Log-loss of each strategy (95 % interval)', { label: 'Log-loss' }),
  };
}
