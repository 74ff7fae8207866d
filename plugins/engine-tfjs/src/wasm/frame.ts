import * as tf from '@tensorflow/tfjs-core';

/** Zeros around an image, in pixels; negative: pixels cut away. */
export interface Frame {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

const cut = (pixels: number) => Math.max(-pixels, 0);
const add = (pixels: number) => Math.max(pixels, 0);

/** Pads (or cuts) [B, H, W, C]. */
export function frame(x: tf.Tensor4D, { top, bottom, left, right }: Frame): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  let result = x;
  if ([top, bottom, left, right].some((pixels) => pixels < 0)) {
    result = tf.slice(result, [0, cut(top), cut(left), 0], [batch, height - cut(top) - cut(bottom), width - cut(left) - cut(right), channels]);
  }
  if ([top, bottom, left, right].some((pixels) => pixels > 0)) {
    result = tf.pad(result, [[0, 0], [add(top), add(bottom)], [add(left), add(right)], [0, 0]]);
  }
  return result;
}

/** Puts stride - 1 rows and columns of zeros behind every pixel: [B, H, W, C] -> [B, H * strideHeight, W * strideWidth, C]. */
export function spread(x: tf.Tensor4D, strideHeight: number, strideWidth: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  let result: tf.Tensor = x;
  if (strideWidth > 1) result = tf.pad(tf.reshape(result, [batch * height * width, 1, channels]), [[0, 0], [0, strideWidth - 1], [0, 0]]);
  if (strideHeight > 1) result = tf.pad(tf.reshape(result, [batch * height, 1, width * strideWidth * channels]), [[0, 0], [0, strideHeight - 1], [0, 0]]);
  return tf.reshape(result, [batch, height * strideHeight, width * strideWidth, channels]);
}

/** Every stride-th pixel from (top, left) on: what one place of a window sees while it slides. */
export function pixelsSeen(x: tf.Tensor4D, top: number, left: number, window: tf.backend_util.Conv2DInfo): tf.Tensor4D {
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth } = window;
  const channels = x.shape[3];
  const height = (outHeight - 1) * strideHeight + 1;
  const width = (outWidth - 1) * strideWidth + 1;
  const whole = top === 0 && left === 0 && x.shape[1] === height && x.shape[2] === width;
  const seen = whole ? x : tf.slice(x, [0, top, left, 0], [batchSize, height, width, channels]);
  // A 1x1 filter of ones takes every stride-th pixel; twenty times as fast as the strided slice of this backend.
  return strideHeight === 1 && strideWidth === 1 ? seen : tf.depthwiseConv2d(seen, tf.ones<tf.Rank.R4>([1, 1, channels, 1]), [strideHeight, strideWidth], 'valid');
}
