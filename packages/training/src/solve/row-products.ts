import type { TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';

interface Job {
  /** [inner, columns] */
  matrix: Float32Array;
  columns: number;
  resolve: (product: Float32Array) => void;
  reject: (error: unknown) => void;
}

/** Columns of one product at most. */
const widest = 512;

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

  /** @param features [N, F]; copied into the backend */
  constructor(features: TensorData) {
    [this.rows = 0, this.width = 0] = features.shape;
    const matrix = tf.tensor2d(features.data, [this.rows, this.width]);
    this.forward = new Batcher(matrix);
    this.backward = new Batcher(tf.tidy(() => tf.transpose(matrix)));
  }

  /** X W. @param matrix [F, columns] @returns [N, columns] */
  times(matrix: Float32Array, columns: number): Promise<Float32Array> {
    return this.forward.ask(matrix, columns);
  }

  /** transpose(X) R. @param matrix [N, columns] @returns [F, columns] */
  transposedTimes(matrix: Float32Array, columns: number): Promise<Float32Array> {
    return this.backward.ask(matrix, columns);
  }

  dispose(): void {
    this.forward.matrix.dispose();
    this.backward.matrix.dispose();
  }
}

class Batcher {
  private jobs: Job[] = [];

  constructor(readonly matrix: tf.Tensor2D) {}

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
      const inner = this.matrix.shape[1];
      const product = tf.tidy(() => tf.matMul(this.matrix, tf.tensor2d(joinColumns(jobs, inner, total), [inner, total])));
      const values = await product.data<'float32'>();
      product.dispose();
      let first = 0;
      return jobs.map((job) => {
        const own = total === job.columns ? Float32Array.from(values) : takeColumns(values, this.matrix.shape[0], total, first, job.columns);
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
