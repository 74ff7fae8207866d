import type { InferenceProgram } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, type LayersModel, model } from '@tensorflow/tfjs-layers';
import type { Engines } from '../run/engines.js';
import type { Multiplier } from './row-products.js';

/** What makes programs of networks. */
export type Inference = Pick<Engines, 'inference'>;

/**
 * Products computed by an engine, which has all cores and leaves the thread free: M B is the transpose of transpose(B) transpose(M), what a layer
 * with the weights transpose(M) makes of a batch, which are the columns of B.
 */
export class EngineMultiplier implements Multiplier {
  private readonly layer: LayersModel;
  private readonly program: Promise<InferenceProgram>;

  /** @param transposed transpose(M), [inner, rows] */
  constructor(transposed: Float32Array, private readonly inner: number, private readonly rows: number, engines: Inference) {
    const image = input({ shape: [inner] });
    const layer = layers.dense({ units: rows, useBias: false, kernelInitializer: 'zeros' });
    this.layer = model({ inputs: image, outputs: layer.apply(image) as typeof image });
    tf.tidy(() => layer.setWeights([tf.tensor2d(transposed, [inner, rows])]));
    this.program = engines.inference(this.layer, {});
    // Whoever asks for a product hears of it.
    this.program.catch(() => undefined);
  }

  async times(matrix: Float32Array, columns: number): Promise<Float32Array> {
    const program = await this.program;
    const [product] = await program.run({ data: transpose(matrix, this.inner, columns), shape: [columns, this.inner] });
    return transpose(product!.data, columns, this.rows);
  }

  async dispose(): Promise<void> {
    const program = await this.program.catch(() => undefined);
    await program?.dispose();
    this.layer.dispose();
  }
}

/** Side of the squares that are read and written together: both then stay in the cache. */
const side = 32;

/** @param matrix [rows, columns] @returns [columns, rows] */
export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let top = 0; top < rows; top += side) {
    const bottom = Math.min(rows, top + side);
    for (let left = 0; left < columns; left += side) {
      const right = Math.min(columns, left + side);
      for (let row = top; row < bottom; row += 1) for (let column = left; column < right; column += 1) result[column * rows + row] = matrix[row * columns + column]!;
    }
  }
  return result;
}
