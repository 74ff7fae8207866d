import * as tf from '@tensorflow/tfjs-core';

/** Where an output pixel reads: x_in = a x + b y + c, y_in = d x + e y + f; pixels from the middle of the image. */
export type Matrix = [a: number, b: number, c: number, d: number, e: number, f: number];

/** What an affine map does to an image, forwards. */
export interface AffineMap {
  /** Degrees, clockwise as the image is seen. */
  angle: number;
  /** Pixels, to the right and down. */
  translate: [x: number, y: number];
  scale: number;
  /** Degrees. */
  shear: [x: number, y: number];
  /** The point that stays, in pixels from the middle of the image. */
  centre: [x: number, y: number];
}

/**
 * The inverse of T C R(angle) S(scale) SHy SHx C^-1, with T the translation, C the move of the centre, SHx = [1, -tan sx; 0, 1],
 * SHy = [1, 0; -tan sy, 1]: the matrix of torchvision's `affine`.
 */
export function inverseOf({ angle, translate, scale, shear, centre }: AffineMap): Matrix {
  const [turn, shearX, shearY] = [angle, ...shear].map((degrees) => (degrees * Math.PI) / 180) as [number, number, number];
  const a = Math.cos(turn - shearY) / Math.cos(shearY);
  const b = -a * Math.tan(shearX) - Math.sin(turn);
  const c = Math.sin(turn - shearY) / Math.cos(shearY);
  const d = -c * Math.tan(shearX) + Math.cos(turn);
  // The determinant of [a b; c d] is one.
  const [ia, ib, ic, id] = [d / scale, -b / scale, -c / scale, a / scale];
  const [x, y] = [centre[0] + translate[0], centre[1] + translate[1]];
  return [ia, ib, centre[0] - ia * x - ib * y, ic, id, centre[1] - ic * x - id * y];
}

/**
 * Reads each image bilinearly where its matrix says; what lies outside an image is `fill`, blended in over the last pixel.
 *
 * A loop over pixels, not tfjs operators: `Transform` and `RotateWithOffset` are missing in tfjs-node, and four `gather`s
 * and their weights take longer on the wasm backend than this.
 * @param images [B, H, W, C]
 * @param matrices one for each image
 */
export function warp(images: tf.Tensor4D, matrices: readonly Matrix[], fill: number): tf.Tensor4D {
  const [, height, width, channels] = images.shape;
  const source = images.dataSync<'float32'>();
  const result = new Float32Array(source.length).fill(fill);
  const size = height * width * channels;
  matrices.forEach(([a, b, c, d, e, f], image) => {
    for (let row = 0; row < height; row += 1) {
      const y = row - (height - 1) / 2;
      for (let column = 0; column < width; column += 1) {
        const x = column - (width - 1) / 2;
        const readX = a * x + b * y + c + (width - 1) / 2;
        const readY = d * x + e * y + f + (height - 1) / 2;
        if (readX <= -1 || readY <= -1 || readX >= width || readY >= height) continue;
        const target = image * size + (row * width + column) * channels;
        addCorners(source, image * size, { height, width, channels }, readX, readY, fill, result, target);
      }
    }
  });
  return tf.tensor4d(result, images.shape);
}

/** result += sum over the four pixels about (x, y) of weight * (pixel - fill). */
function addCorners(
  source: Float32Array, offset: number, { height, width, channels }: { height: number; width: number; channels: number },
  x: number, y: number, fill: number, result: Float32Array, target: number,
): void {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  for (let corner = 0; corner < 4; corner += 1) {
    const [column, row] = [left + (corner & 1), top + (corner >> 1)];
    if (column < 0 || row < 0 || column >= width || row >= height) continue;
    const weight = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
    if (weight === 0) continue;
    const from = offset + (row * width + column) * channels;
    for (let channel = 0; channel < channels; channel += 1) result[target + channel]! += weight * (source[from + channel]! - fill);
  }
}
