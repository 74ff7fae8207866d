import type { CatalogueEntry } from '@cultivar/kernel';
import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

/** A contribution under test, and how to get instances of it as a run would. */
export interface Subject<T> {
  entry: CatalogueEntry;
  /** A new instance with default options. */
  make(): T;
}

/** What every contribution of a kind must hold, by sentence. */
export type Checks<T> = Record<string, (subject: Subject<T>) => void | Promise<void>>;

/** Runs and compares the tensor count before and after. */
export async function withoutLeak<R>(work: () => R | Promise<R>): Promise<R> {
  const before = tf.memory().numTensors;
  const result = await work();
  expect(tf.memory().numTensors).toBe(before);
  return result;
}

/** The numbers of a tensor, copied. */
export function numbers(tensor: tf.Tensor): number[] {
  return [...tensor.dataSync<'float32'>()];
}

/** Numbers that look random and are always the same, in -1..1. */
export function drawn(length: number, from = 1): number[] {
  return Array.from({ length }, (_, index) => Math.sin((index + from) * 12.9898) * Math.cos((index + from) * 4.1414));
}
