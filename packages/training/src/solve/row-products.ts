import type { TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { EngineMultiplier, transpose, type Inference } from './engine-multiplier.js';

/** Multiplies one fixed matrix M [rows, inner]. */
export interface Multiplier {
  /** M B. @param matrix B [inner, columns] @returns [rows, columns] */
  times(matrix: Float32Array, columns: number): Promise<Float32Array>;
  dispose(): Promise<void> | void;
}

interface Job {
  /** [inner, columns] */
  matrix: Float32Array;
  columns: number;
  resolve: (product: Float32Array) => void;
  reject: (error: unknown) => void;
}

/** Columns of one product at most. */
const widest = 512;
/** Multiplications from which a product is worth the way to an engine, and numbers of X beyond which a copy as a network is too large. */
const [leastForEngine, mostForEngine] = [1.5e7, 1e8];

/**
 * Products of one fixed matrix X [N, F], and of its transpose, with narrow matrices. Those asked for at the same time are joined
 * to one product, whose cost is hardly more than that of one of them: X is read from memory once. So the folds of a
 * cross-validation, each with its own solver, go forward together.
 */
export class RowProducts {
  readonly rows: number;
  readonly width: number;
  private readonly forward: Batcher;
  private readonly backward: Batcher;

  /**
   * @param features [N, F]; copied
   * @param large where products are large, what computes them: engines, for matrices of so many columns. Absent: the tfjs backend
   */
  constructor({ data, shape: [rows = 0, width = 0] }: TensorData, large?: { engines?: Inference; columns: number }) {
    [this.rows, this.width] = [rows, width];
    if (large?.engines && rows * width * large.columns >= leastForEngine && rows * width <= mostForEngine) {
      this.forward = new Batcher(width, rows, new EngineMultiplier(transpose(data, rows, width), width, rows, large.engines));
      this.backward = new Batcher(rows, width, new EngineMultiplier(data, rows, width, large.engines));
    } else {
      const matrix = tf.tensor2d(data, [rows, width]);
      this.forward = new Batcher(width, rows, new BackendMultiplier(matrix));
      this.backward = new Batcher(rows, width, new BackendMultiplier(tf.transpose(matrix)));
    }
  }

  /** X W. @param matrix [F, columns] @returns [N, columns] */
  times(matrix: Float32Array, columns: number): Promise<Float32Array> {
    return this.forward.ask(matrix, columns);
  }

  /** transpose(X) R. @param matrix [N, columns] @returns [F, columns] */
  transposedTimes(matrix: Float32Array, columns: number): Promise<Float32Array> {
    return this.backward.ask(matrix, columns);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.forward.multiplier.dispose(), this.backward.multiplier.dispose()]);
  }
}

class BackendMultiplier implements Multiplier {
  constructor(private readonly matrix: tf.Tensor2D) {}

  async times(matrix: Float32Array, columns: number): Promise<Float32Array> {
    const product = tf.tidy(() => tf.matMul(this.matrix, tf.tensor2d(matrix, [this.matrix.shape[1], columns])));
    const values = await product.data<'float32'>();
    product.dispose();
    return values;
  }

  dispose(): void {
    this.matrix.dispose();
  }
}

class Batcher {
  private jobs: Job[] = [];

  /** @param multiplier of M [rows, inner] */
  constructor(private readonly inner: number, private readonly rows: number, readonly multiplier: Multiplier) {}

  ask(matrix: Float32Array, columns: number): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      // What the answers to the last product lead to is asked for before the next turn of the event loop.
      if (this.jobs.length === 0) setImmediate(() => void this.work());
      this.jobs.push({ matrix, columns, resolve, reject });
    });
  }

  private async work(): Promise<void> {
    const jobs = this.jobs;
    this.jobs = [];
    let group: Job[] = [];
    let columns = 0;
    const groups: Job[][] = [];
    for (const job of jobs) {
      if (group.length > 0 && columns + job.columns > widest) {
        groups.push(group);
        [group, columns] = [[], 0];
      }
      group.push(job);
      columns += job.columns;
    }
    groups.push(group);
    // Answered together, so that the next products are asked for together.
    const answers: (() => void)[] = [];
    for (const members of groups) answers.push(...(await this.multiply(members)));
    for (const answer of answers) answer();
  }

  private async multiply(jobs: readonly Job[]): Promise<(() => void)[]> {
    try {
      const total = jobs.reduce((sum, job) => sum + job.columns, 0);
      const values = await this.multiplier.times(joinColumns(jobs, this.inner, total), total);
      let first = 0;
      return jobs.map((job) => {
        const own = total === job.columns ? values : takeColumns(values, this.rows, total, first, job.columns);
        first += job.columns;
        return () => job.resolve(own);
      });
    } catch (error) {
      return jobs.map((job) => () => job.reject(error));
    }
  }
}

function joinColumns(jobs: readonly Job[], rows: number, total: number): Float32Array {
  if (jobs.length === 1) return jobs[0]!.matrix;
  const joined = new Float32Array(rows * total);
  let first = 0;
  for (const { matrix, columns } of jobs) {
    for (let row = 0; row < rows; row += 1) for (let k = 0; k < columns; k += 1) joined[row * total + first + k] = matrix[row * columns + k]!;
    first += columns;
  }
  return joined;
}

function takeColumns(values: Float32Array, rows: number, total: number, first: number, columns: number): Float32Array {
  const own = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row += 1) for (let k = 0; k < columns; k += 1) own[row * columns + k] = values[row * total + first + k]!;
  return own;
}
