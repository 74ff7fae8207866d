import * as tf from '@tensorflow/tfjs-core';

/**
 * Largest difference between the gradient of sum(f(x) * upstream) that tfjs computes and central differences of it, over at most
 * `places` places of x, as a share of the largest gradient.
 */
export function gradientError(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, upstream: tf.Tensor, { step = 1e-2, places = 12 } = {}): number {
  return tf.tidy(() => {
    const value = (at: tf.Tensor) => tf.sum(tf.mul(f(at), upstream));
    const gradient = tf.grad(value)(x).dataSync<'float32'>();
    const numbers = x.dataSync<'float32'>();
    let [worst, largest] = [0, 1e-3];
    for (let place = 0; place < x.size; place += Math.max(1, Math.floor(x.size / places))) {
      const moved = (by: number) => tf.tidy(() => value(tf.tensor(numbers.map((number, index) => (index === place ? number + by : number)), x.shape)).dataSync()[0]!);
      const numeric = (moved(step) - moved(-step)) / (2 * step);
      worst = Math.max(worst, Math.abs(numeric - gradient[place]!));
      largest = Math.max(largest, Math.abs(numeric));
    }
    return worst / largest;
  });
}
