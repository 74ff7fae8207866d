import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** A stretch of a row on which places of the window lie inside the image. Offsets count numbers. */
interface Stretch {
  x: number;
  dy: number;
  /** Of the first place of the window in the sums. */
  sums: number;
  places: number;
  /** Between what two neighbouring outputs see. */
  step: number;
  channels: number;
}

type Sum = (x: Float32Array, dy: Float32Array, sums: Float64Array, stretch: Stretch) => void;

/** sums[c] += sum over the stretch of x[., c] dy[., c], channel by channel so that the sum stays in a register. */
const sumOne: Sum = (x, dy, sums, { x: xStart, dy: dyStart, sums: sumStart, places, step, channels }) => {
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    let at = xStart + channel;
    let dyAt = dyStart + channel;
    for (let place = 0; place < places; place++) {
      sum += x[at]! * dy[dyAt]!;
      at += step;
      dyAt += channels;
    }
    sums[sumStart + channel]! += sum;
  }
};

/** Three neighbouring places of the window at once: dy is read a third as often. */
const sumThree: Sum = (x, dy, sums, { x: xStart, dy: dyStart, sums: sumStart, places, step, channels }) => {
  for (let channel = 0; channel < channels; channel++) {
    let [first, second, third] = [0, 0, 0];
    let at = xStart + channel;
    let dyAt = dyStart + channel;
    for (let place = 0; place < places; place++) {
      const gradient = dy[dyAt]!;
      first += x[at]! * gradient;
      second += x[at + channels]! * gradient;
      third += x[at + 2 * channels]! * gradient;
      at += step;
      dyAt += channels;
    }
    sums[sumStart + channel]! += first;
    sums[sumStart + channels + channel]! += second;
    sums[sumStart + 2 * channels + channel]! += third;
  }
};

/** Outputs [from, to) along an axis that see the image through that place of the window. */
function outputsInside(place: number, padding: number, stride: number, size: number, outputs: number): [from: number, to: number] {
  const from = Math.max(Math.ceil((padding - place) / stride), 0);
  const to = Math.min(Math.floor((size - 1 - place + padding) / stride) + 1, outputs);
  return [from, Math.max(from, to)];
}

function sumWindow(x: Float32Array, dy: Float32Array, window: tf.backend_util.Conv2DInfo): Float64Array {
  const { batchSize, inHeight, inWidth, outHeight, outWidth, outChannels: channels, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = window;
  const sums = new Float64Array(filterHeight * filterWidth * channels);
  for (let image = 0; image < batchSize; image++) {
    for (let down = 0; down < filterHeight; down++) {
      const [top, bottom] = outputsInside(down, padInfo.top, strideHeight, inHeight, outHeight);
      for (let row = top; row < bottom; row++) {
        const xRow = (image * inHeight + row * strideHeight + down - padInfo.top) * inWidth;
        const dyRow = (image * outHeight + row) * outWidth;
        const add = (sum: Sum, across: number, from: number, to: number) => {
          if (to <= from) return;
          const column = from * strideWidth + across - padInfo.left;
          sum(x, dy, sums, { x: (xRow + column) * channels, dy: (dyRow + from) * channels, sums: (down * filterWidth + across) * channels, places: to - from, step: strideWidth * channels, channels });
        };
        for (let across = 0; across < filterWidth;) {
          const inside = (place: number) => outputsInside(place, padInfo.left, strideWidth, inWidth, outWidth);
          if (across + 2 >= filterWidth) {
            add(sumOne, across, ...inside(across));
            across += 1;
            continue;
          }
          // The middle of the row, where all three places are inside; then what each has beyond it.
          const ranges = [inside(across), inside(across + 1), inside(across + 2)] as const;
          const from = Math.max(...ranges.map((range) => range[0]));
          const to = Math.max(Math.min(...ranges.map((range) => range[1])), from);
          add(sumThree, across, from, to);
          ranges.forEach((range, index) => {
            add(sumOne, across + index, range[0], Math.min(from, range[1]));
            add(sumOne, across + index, Math.max(to, range[0]), range[1]);
          });
          across += 3;
        }
      }
    }
  }
  return sums;
}

/**
 * Gradient of a depthwise convolution with regard to its filter. For each place (i, j) of the window
 * dW[i, j, c, m] = sum over outputs p of x[p * stride + (i, j), c] dy[p, c, m].
 * Written out over the backend's own memory: composed from its kernels it takes four times as long.
 */
export const depthwiseBackpropFilter: tf.KernelConfig = {
  kernelName: tf.DepthwiseConv2dNativeBackpropFilter,
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const { strides, dilations, pad, dimRoundingMode, filterShape } = attrs as unknown as tf.DepthwiseConv2dNativeBackpropFilterAttrs;
    const window = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, dilations, pad, dimRoundingMode, true);
    const memory = backend as BackendWasm;
    return tf.tidy(() => {
      const multiplier = window.outChannels / window.inChannels;
      // Each channel repeated for each of its filters, so that it meets dy element by element.
      const repeated = multiplier === 1 ? x : tf.tile(tf.reshape(x, [x.size, 1]), [1, multiplier]);
      const sums = sumWindow(memory.typedArrayFromHeap(repeated) as Float32Array, memory.typedArrayFromHeap(dy) as Float32Array, window);
      return tf.tensor(Float32Array.from(sums), filterShape);
    });
  },
};
