import { NumberRoom } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';

/** Where the numbers of cut tensors may stand; those of the pieces are known to, until the next ones are cut under this name. */
interface Place {
  room: NumberRoom;
  name: string;
}

/** Many tensors as one of rank 1, in order. Call it in tf.tidy. */
export function flattened(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  const rows = tensors.map((tensor) => (tensor.rank === 1 ? tensor : tf.reshape(tensor, [tensor.size])) as tf.Tensor1D);
  return rows.length === 1 ? tf.clone(rows[0]!) : tf.concat(rows);
}

/** The opposite. Call it in tf.tidy. @param place absent: in memory of its own, which nobody is told of */
export function unflattened(flat: tf.Tensor1D, shapes: readonly number[][], place?: Place): tf.Tensor[] {
  if (shapes.length === 1) return [tf.reshape(tf.clone(flat), shapes[0]!)];
  const lengths = shapes.map((shape) => shape.reduce((product, length) => product * length, 1));
  if (tf.getBackend() !== 'wasm') return tf.split(flat, lengths).map((piece, index) => tf.reshape(piece, shapes[index]!));
  // This backend's split copies the whole tensor once for each piece.
  const numbers = place ? place.room.copy(place.name, flat) : new NumberRoom().read('flat', flat);
  let end = 0;
  return shapes.map((shape, index) => {
    const part = numbers.subarray(end, (end += lengths[index]!));
    const piece = tf.tensor(part, shape);
    place?.room.publish(place.name, piece, part);
    return piece;
  });
}
