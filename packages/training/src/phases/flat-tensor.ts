import type { NumberRoom } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';

/** Many tensors as one of rank 1, in order. Call it in tf.tidy. */
export function flattened(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  const rows = tensors.map((tensor) => (tensor.rank === 1 ? tensor : tf.reshape(tensor, [tensor.size])) as tf.Tensor1D);
  return rows.length === 1 ? tf.clone(rows[0]!) : tf.concat(rows);
}

/** The opposite. Call it in tf.tidy. @param room where the numbers may stand meanwhile */
export function unflattened(flat: tf.Tensor1D, shapes: readonly number[][], room: NumberRoom): tf.Tensor[] {
  const lengths = shapes.map((shape) => shape.reduce((product, length) => product * length, 1));
  const pieces = shapes.length === 1 ? [tf.clone(flat)] : cutUp(flat, lengths, room);
  return pieces.map((piece, index) => (shapes[index]!.length === 1 ? piece : tf.reshape(piece, shapes[index]!)));
}

function cutUp(flat: tf.Tensor1D, lengths: number[], room: NumberRoom): tf.Tensor1D[] {
  if (tf.getBackend() !== 'wasm') return tf.split(flat, lengths);
  // This backend's split copies the whole tensor once for each piece.
  const numbers = room.read('flat', flat);
  let end = 0;
  return lengths.map((length) => tf.tensor1d(numbers.subarray(end, (end += length))));
}
