import * as Plot from '@observablehq/plot';
import { chart } from '../chart/chart.js';
import type { Histogram } from '../chart/histogram.js';
import type { InitializerTrial } from './compare-initializers.js';

/**
 * Histograms, a row for each initializer and a column for each layer: one picture for the activations and one for the gradients
 * of each kind of network, by file name. Sizes span many powers of ten, so that all but the outputs of tanh
 * are drawn by their decimal logarithm.
 */
export function drawInitializers(trials: readonly InitializerTrial[]): Record<string, string> {
  const pictures: Record<string, string> = {};
  for (const activation of new Set(trials.map((trial) => trial.activation))) {
    const own = trials.filter((trial) => trial.activation === activation);
    const plain = activation === 'tanh';
    pictures[`activations-${activation}.svg`] = rows(own, `Outputs of ${activation}, layer by layer, before training`, plain, (layer) => (plain ? layer.activation.values : layer.activation.magnitudes));
    pictures[`gradients-${activation}.svg`] = rows(own, `Gradients of the loss by the outputs of ${activation}, layer by layer, before training`, false, (layer) => layer.gradient.magnitudes);
  }
  return pictures;
}

function rows(trials: readonly InitializerTrial[], title: string, plain: boolean, histogramOf: (layer: InitializerTrial['layers'][number]) => Histogram): string {
  const bars = trials.flatMap(({ initializer, verdict, layers }) => layers.flatMap((layer, index) => {
    const { low, high, shares } = histogramOf(layer);
    const width = (high - low) / shares.length;
    return shares.flatMap((share, bin) => (share === 0 ? [] : [{ row: `${initializer} (${verdict})`, column: index + 1, x1: low + bin * width, x2: low + (bin + 1) * width, share }]));
  }));
  const names = trials.map(({ initializer, verdict }) => `${initializer} (${verdict})`);
  const columns = trials[0]?.layers.length ?? 0;
  return chart({
    title, width: 220 + 90 * columns, height: 100 + 70 * names.length, marginLeft: 200, marginRight: 20, marginTop: 40, marginBottom: 40,
    fx: { label: 'layer', domain: Array.from({ length: columns }, (_, index) => index + 1) },
    fy: { label: null, domain: names, axis: 'left' },
    x: { label: plain ? null : 'size, as a power of ten', ticks: plain ? [-1, 0, 1] : [-10, -5, 0, 5], tickFormat: 'd', domain: plain ? [-1, 1] : [-12, 6] },
    y: { axis: null },
    marks: [
      Plot.frame({ stroke: '#ddd' }),
      // A bar for all values would hide the others: drawn by the root of the share.
      Plot.rectY(bars, { fx: 'column', fy: 'row', x1: 'x1', x2: 'x2', y: (bar: { share: number }) => Math.sqrt(bar.share), fill: 'steelblue' }),
    ],
  });
}
