import type { TensorData } from '@cultivar/sdk';

/**
 * How well features separate classes, without training anything: how often an image lies nearer to the mean of its own class,
 * taken without the image itself, than to the mean of another class. Directions are compared (cosine), after features are
 * standardised and brought to length 1. Pairs of classes, not all at once, so that the figure does not fall with their number.
 * Source: Mensink et al. 2013, "Distance-based image classification: generalizing to new classes at near-zero cost" (nearest class
 * mean), leave-one-out; Hand & Till 2001, "A simple generalisation of the area under the ROC curve" (averaging over pairs).
 * @param features [N, F]
 * @returns 0.5: chance; 1: always. Images that are alone in their class do not count
 */
export function pairwiseMeanAccuracy({ data, shape: [rows = 0, width = 0] }: TensorData, labels: Int32Array, classes: number): number {
  const unit = unitRows(data, rows, width);
  const sums = new Float64Array(classes * width);
  const sizes = new Int32Array(classes);
  for (let row = 0; row < rows; row += 1) {
    const label = labels[row]!;
    sizes[label]! += 1;
    for (let j = 0; j < width; j += 1) sums[label * width + j]! += unit[row * width + j]!;
  }
  const squares = Float64Array.from({ length: classes }, (_, k) => {
    let sum = 0;
    for (let j = 0; j < width; j += 1) sum += sums[k * width + j]! ** 2;
    return sum;
  });
  let [nearer, pairs] = [0, 0];
  for (let row = 0; row < rows; row += 1) {
    const label = labels[row]!;
    if (sizes[label]! < 2) continue;
    const along = (k: number): number => {
      const [one, other] = [row * width, k * width];
      // Four sums side by side: one alone waits for each addition before it begins the next.
      let [s0, s1, s2, s3, j] = [0, 0, 0, 0, 0];
      for (; j + 3 < width; j += 4) {
        s0 += unit[one + j]! * sums[other + j]!;
        s1 += unit[one + j + 1]! * sums[other + j + 1]!;
        s2 += unit[one + j + 2]! * sums[other + j + 2]!;
        s3 += unit[one + j + 3]! * sums[other + j + 3]!;
      }
      for (; j < width; j += 1) s0 += unit[one + j]! * sums[other + j]!;
      return s0 + s1 + s2 + s3;
    };
    const product = along(label);
    // Without itself: (x . (S - x)) / |S - x|, and x . x = 1.
    const own = (product - 1) / Math.sqrt(Math.max(1e-12, squares[label]! - 2 * product + 1));
    for (let k = 0; k < classes; k += 1) {
      if (k === label || sizes[k] === 0) continue;
      const other = along(k) / Math.sqrt(Math.max(1e-12, squares[k]!));
      pairs += 1;
      nearer += own > other ? 1 : own === other ? 0.5 : 0;
    }
  }
  return pairs === 0 ? 0.5 : nearer / pairs;
}

function unitRows(data: Float32Array, rows: number, width: number): Float32Array {
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (let i = 0; i < rows * width; i += 1) mean[i % width]! += data[i]! / rows;
  for (let i = 0; i < rows * width; i += 1) square[i % width]! += (data[i]! - mean[i % width]!) ** 2 / rows;
  const unit = new Float32Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    let length = 0;
    for (let j = 0; j < width; j += 1) {
      const value = square[j]! > 1e-12 ? (data[row * width + j]! - mean[j]!) / Math.sqrt(square[j]!) : 0;
      unit[row * width + j] = value;
      length += value * value;
    }
    const scale = length > 0 ? 1 / Math.sqrt(length) : 0;
    for (let j = 0; j < width; j += 1) unit[row * width + j]! *= scale;
  }
  return unit;
}
