import { histogram, type Histogram } from '../chart/histogram.js';

/** What goes through one layer, for a batch. */
export interface LayerStatistics {
  mean: number;
  deviation: number;
  /** Share of values that are zero, 0..1. */
  zero: number;
  /** Of the values themselves, -1..1: of use for tanh. */
  values: Histogram;
  /** Of the decimal logarithms of their sizes, zeros left out, -12..6. */
  magnitudes: Histogram;
}

const bins = 40;

/** @param data of one layer, all samples and units */
export function layerStatistics(data: Float32Array): LayerStatistics {
  let [sum, zeros] = [0, 0];
  for (const value of data) {
    sum += value;
    if (value === 0) zeros += 1;
  }
  const mean = sum / data.length;
  let squares = 0;
  for (const value of data) squares += (value - mean) ** 2;
  return {
    mean, deviation: Math.sqrt(squares / data.length), zero: zeros / data.length,
    values: histogram(data, -1, 1, bins),
    magnitudes: histogram(data.map((value) => Math.log10(Math.abs(value))), -12, 6, bins),
  };
}

/**
 * Units of a layer that differ from each other: 1 where all are alike, and will stay alike under any optimizer.
 * @param data [samples, units]
 */
export function distinctUnits(data: Float32Array, units: number): number {
  const seen = new Set<string>();
  const samples = data.length / units;
  for (let unit = 0; unit < units; unit += 1) {
    seen.add(Array.from({ length: Math.min(samples, 8) }, (_, sample) => data[sample * units + unit]!.toPrecision(5)).join(' '));
  }
  return seen.size;
}
