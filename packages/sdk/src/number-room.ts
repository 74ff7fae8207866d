import * as tf from '@tensorflow/tfjs-core';

/** A backend that holds numbers in one stretch of memory, and can show those of a tensor where they lie. */
interface WithHeap {
  typedArrayFromHeap(tensor: Pick<tf.Tensor, 'shape' | 'dtype' | 'dataId'>): ArrayLike<number>;
}

/**
 * Numbers of tensors that stand outside their backend, by the tensors' data. What a tensor's data holds never changes; who is about
 * to write over an array takes its entries out first.
 */
const standing = new WeakMap<object, Float32Array>();

const hasHeap = (backend: object): backend is WithHeap => 'typedArrayFromHeap' in backend;

/**
 * Reads tensors again and again into the same arrays. `data()` of the WebAssembly backend makes a new array each time; clearing
 * away a few megabytes a step takes JavaScript a twentieth of it, and its helpers the processor from an engine's threads meanwhile
 * (measured: the first convolutions of a step took twice their time). Other backends hand out what they have.
 */
export class NumberRoom {
  private readonly arrays = new Map<string, Float32Array>();
  /** Data of tensors that are published, by name. */
  private readonly published = new Map<string, object[]>();

  /**
   * @returns the numbers of a tensor, only to be read, until something else is read under this name, or withdrawn where they
   * were published
   */
  read(name: string, tensor: tf.Tensor): Float32Array {
    return standing.get(tensor.dataId) ?? this.copy(name, tensor);
  }

  /** As `read`, but on WebAssembly into an array of this room in any case. */
  copy(name: string, tensor: tf.Tensor): Float32Array {
    this.withdraw(name);
    const backend = tf.backend();
    if (!hasHeap(backend) || tensor.dtype !== 'float32') return tensor.dataSync<'float32'>();
    let array = this.arrays.get(name);
    if (array?.length !== tensor.size) this.arrays.set(name, (array = new Float32Array(tensor.size)));
    array.set(backend.typedArrayFromHeap(tensor));
    return array;
  }

  /**
   * Lets every room know that the numbers of a tensor stand in `numbers` already, which need not be read out of its backend: until
   * something else is copied here under this name, or it is withdrawn. Nobody may write into them meanwhile.
   */
  publish(name: string, { dataId }: tf.Tensor, numbers: Float32Array): void {
    standing.set(dataId, numbers);
    const others = this.published.get(name);
    if (others) others.push(dataId);
    else this.published.set(name, [dataId]);
  }

  withdraw(name: string): void {
    for (const dataId of this.published.get(name) ?? []) standing.delete(dataId);
    this.published.delete(name);
  }
}
