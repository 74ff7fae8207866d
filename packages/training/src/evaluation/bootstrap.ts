import { createRandom } from '@cultivar/kernel';
import type { TensorData } from '@cultivar/sdk';

/** Between these two, with the confidence asked for. */
export interface Interval {
  low: number;
  high: number;
}

/** The most rows x classes that all samples together copy: it bounds the time on large sets. */
const budget = 5e7;
const mostSamples = 1000;
const fewestSamples = 200;

/**
 * Percentile bootstrap: the N rows are drawn N times with replacement, the figures computed on the draw, again and again;
 * the interval of a figure is between the alpha/2 and 1 - alpha/2 quantiles of what came out. It says how far the figure
 * would move on other images of the same kind, not how it would move with another training run; what is the same in all
 * rows (an accuracy of 1, say) has an interval of no width. 1,000 draws, fewer (200 at least) where N x K is above 50,000.
 * Source: Efron 1979, "Bootstrap methods: another look at the jackknife"; Efron & Tibshirani 1993, chapter 13.
 * @param probabilities [N, K], N >= 1
 * @param figures the same figures in the same order on every call, of a draw and of the rows that it was drawn from; null where a draw has none (a class that it does not hold): such draws do not count for it
 * @param confidence in (0, 1)
 * @returns one interval for each figure, null where no draw has it; the same for the same rows
 */
export function bootstrap(
  probabilities: TensorData, labels: Int32Array, figures: (probabilities: TensorData, labels: Int32Array, rows: Int32Array) => (number | null)[], confidence = 0.95,
): (Interval | null)[] {
  const [rows = 0, classes = 0] = probabilities.shape;
  const samples = Math.round(Math.min(mostSamples, Math.max(fewestSamples, budget / (rows * classes))));
  const random = createRandom(0).child('bootstrap');
  const drawn = { data: new Float32Array(rows * classes), shape: [rows, classes] };
  const drawnLabels = new Int32Array(rows);
  const drawnRows = new Int32Array(rows);
  const results: (number | null)[][] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    for (let row = 0; row < rows; row += 1) {
      const from = random.integer(rows);
      drawnRows[row] = from;
      drawnLabels[row] = labels[from]!;
      drawn.data.set(probabilities.data.subarray(from * classes, (from + 1) * classes), row * classes);
    }
    results.push(figures(drawn, drawnLabels, drawnRows));
  }
  const tail = (1 - confidence) / 2;
  return (results[0] ?? []).map((_, figure) => {
    const sorted = Float64Array.from(results.map((result) => result[figure]).filter((value): value is number => typeof value === 'number')).sort();
    return sorted.length === 0 ? null : { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
  });
}

/** Linear between the two nearest ranks, as numpy does by default. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return low + (place - below) * (high - low);
}
