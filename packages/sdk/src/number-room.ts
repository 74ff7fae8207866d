import * as tf from '@tensorflow/tfjs-core';

/** A backend that holds numbers in one stretch of memory, and can show those of a tensor where they lie. */
interface WithHeap {
  typedArrayFromHeap(tensor: Pick<tf.Tensor, 'shape' | 'dtype' | 'dataId'>): ArrayLike<number>;
}

const hasHeap = (backend: object): backend is WithHeap => 'typedArrayFromHeap' in backend;

/**
 * Reads tensors again and again into the same arrays. `data()` of the WebAssembly backend makes a new array each time; clearing
 * away a few megabytes a step takes JavaScript a twentieth of it, and its helpers the processor from an engine's threads meanwhile
 * (measured: the first convolutions of a step took twice their time). Other backends hand out what they have.
 */
export class NumberRoom {
  private readonly arrays = new Map<string, Float32Array>();

  /** @returns the numbers of a tensor, until something else is read under this name */
  read(name: string, tensor: tf.Tensor): Float32Array {
    const backend = tf.backend();
    if (!hasHeap(backend) || tensor.dtype !== 'float32') return tensor.dataSync<'float32'>();
    let array = this.arrays.get(name);
    if (array?.length !== tensor.size) this.arrays.set(name, (array = new Float32Array(tensor.size)));
    array.set(backend.typedArrayFromHeap(tensor));
    return array;
  }
}
