import * as tf from '@tensorflow/tfjs-core';

/** A backend that holds numbers in one stretch of memory, and can show those of a tensor where they lie. */
interface WithHeap {
  typedArrayFromHeap(tensor: Pick<tf.Tensor, 'shape' | 'dtype' | 'dataId'>): ArrayLike<number>;
  /** Takes memory for a tensor, which holds whatever was there. */
  makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
}

const hasHeap = (backend: object): backend is WithHeap => 'typedArrayFromHeap' in backend && 'makeOutput' in backend;

/**
 * The numbers of a tensor of floats, only to be read. Where WebAssembly holds them: that memory may grow with anything that is
 * computed, and an array from before has no length then; and when the tensor goes, others take its place. So who hands the array
 * on to code that runs later sees to it that the tensor stays, and asks again where the array has become empty.
 *
 * `data()` of the WebAssembly backend makes a new array each time; clearing away a few megabytes a step takes JavaScript a twentieth
 * of it, and its helpers the processor from an engine's threads meanwhile (measured: the first convolutions of a step took twice
 * their time). Other backends hand out what they have.
 */
export function numbersOf(tensor: tf.Tensor): Float32Array {
  const backend = tf.backend();
  return hasHeap(backend) && tensor.dtype === 'float32' ? backend.typedArrayFromHeap(tensor) as Float32Array : tensor.dataSync<'float32'>();
}

/**
 * A tensor of floats for somebody else to write, before anybody reads it. On WebAssembly its numbers are written where they will lie;
 * elsewhere into an array that the backend takes over.
 */
export class BlankTensor {
  private readonly own: { tensor: tf.Tensor } | { array: Float32Array };

  constructor(private readonly shape: number[]) {
    const backend = tf.backend();
    this.own = hasHeap(backend)
      ? { tensor: tf.engine().makeTensorFromTensorInfo(backend.makeOutput(shape, 'float32')) }
      : { array: new Float32Array(shape.reduce((product, size) => product * size, 1)) };
  }

  /** Where to write, whatever stands there; good for as long as what `numbersOf` gives. */
  get numbers(): Float32Array {
    return 'array' in this.own ? this.own.array : numbersOf(this.own.tensor);
  }

  /** The tensor, which nobody may write into any more. The caller disposes it. */
  written(): tf.Tensor {
    return 'array' in this.own ? tf.tensor(this.own.array, this.shape) : this.own.tensor;
  }

  /** Instead of `written`, where it comes to nothing. */
  dispose(): void {
    if ('tensor' in this.own) this.own.tensor.dispose();
  }
}
