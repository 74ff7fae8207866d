/** Counts of values in bins of equal width, as shares of all of them. */
export interface Histogram {
  /** Of the first bin's left edge and the last bin's right edge. */
  low: number;
  high: number;
  /** Share of the values in each bin, 0..1; what lies outside of both edges is in none. */
  shares: number[];
}

export function histogram(values: ArrayLike<number>, low: number, high: number, bins: number): Histogram {
  const shares = Array.from({ length: bins }, () => 0);
  const scale = bins / (high - low);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    const bin = Math.floor((value - low) * scale);
    // The right edge belongs to the last bin.
    if (value === high) shares[bins - 1]! += 1 / values.length;
    else if (bin >= 0 && bin < bins) shares[bin]! += 1 / values.length;
  }
  return { low, high, shares };
}
