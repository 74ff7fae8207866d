/** Mean and variance of a sample. */
export function moments(values: ArrayLike<number>): { mean: number; variance: number } {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return { mean, variance: list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length };
}

/** Kolmogorov-Smirnov statistic, times the root of the sample size: above 1.63 in one of a hundred samples of the distribution. */
export function kolmogorovSmirnov(values: ArrayLike<number>, distribution: (value: number) => number): number {
  const sorted = Float64Array.from(values).sort();
  let most = 0;
  sorted.forEach((value, index) => {
    const share = distribution(value);
    most = Math.max(most, share - index / sorted.length, (index + 1) / sorted.length - share);
  });
  return most * Math.sqrt(sorted.length);
}

export const uniformDistribution = (low: number, high: number) => (value: number) => Math.min(1, Math.max(0, (value - low) / (high - low)));

/** Normal of mean 0; Abramowitz & Stegun 7.1.26, error below 2e-7. */
export const normalDistribution = (deviation: number) => (value: number) => {
  const x = Math.abs(value) / (deviation * Math.SQRT2);
  const t = 1 / (1 + 0.3275911 * x);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x);
  return value < 0 ? tail / 2 : 1 - tail / 2;
};

/** Draws for which the mean of an augmentation is held against its definition. */
export const draws = 10_000;

/** How far the mean of `draws` draws of a given deviation may lie from the expected one: five standard errors, one in two million. */
export const tolerance = (deviation: number): number => (5 * deviation) / Math.sqrt(draws);
