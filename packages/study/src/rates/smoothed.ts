/** Leaky mean of values so far, corrected for its start at zero: v <- beta v + (1 - beta) x;  v / (1 - beta^t). */
export function smoothed(values: readonly number[], beta = 0.9): number[] {
  let mean = 0;
  return values.map((value, index) => {
    mean = beta * mean + (1 - beta) * value;
    return mean / (1 - beta ** (index + 1));
  });
}
