import { BlankTensor, numbersOf } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';

/** Many tensors as one of rank 1, in order. Call it in tf.tidy. */
export function flattened(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  const rows = tensors.map((tensor) => (tensor.rank === 1 ? tensor : tf.reshape(tensor, [tensor.size])) as tf.Tensor1D);
  return rows.length === 1 ? tf.clone(rows[0]!) : tf.concat(rows);
}

/** The opposite. Call it in tf.tidy. */
export function unflattened(flat: tf.Tensor1D, shapes: readonly number[][]): tf.Tensor[] {
  if (shapes.length === 1) return [tf.reshape(tf.clone(flat), shapes[0]!)];
  const lengths = shapes.map((shape) => shape.reduce((product, length) => product * length, 1));
  if (tf.getBackend() !== 'wasm') return tf.split(flat, lengths).map((piece, index) => tf.reshape(piece, shapes[index]!));
  // This backend's split copies the whole tensor once for each piece.
  let end = 0;
  return shapes.map((shape, index) => {
    const piece = new BlankTensor(shape);
    piece.numbers.set(numbersOf(flat).subarray(end, (end += lengths[index]!)));
    return piece.written();
  });
}
