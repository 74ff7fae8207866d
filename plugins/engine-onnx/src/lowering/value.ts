/** Zeros around an image, in pixels. */
export interface Padding {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** x * scale + shift, for each channel. */
export interface Affine {
  scale: Float64Array;
  shift: Float64Array;
}

/**
 * A tensor of the network while it is lowered. Shapes are those of tfjs; tensors of rank 4 are [B, H, W, C] in `shape`
 * and [B, C, H, W] in the ONNX graph. All others are laid out alike on both sides.
 *
 * What the network sees is pad(affine(tensor named `name`)): scaling of the pixels and zero padding are put off until
 * a layer reads them, because a convolution takes them up at no cost.
 */
export interface Value {
  name: string;
  shape: (number | null)[];
  affine?: Affine;
  padding?: Padding;
}

export const isImage = (value: Value): boolean => value.shape.length === 4;

/** Number of features: the last axis in tfjs's order. */
export function channels(value: Value): number {
  const last = value.shape.at(-1);
  if (last === null || last === undefined) throw new Error(`the number of channels of ${value.name} is open`);
  return last;
}

/** Axis of tfjs's order (negative ones count from the end) as an axis of the ONNX tensor. */
export function onnxAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  return rank === 4 ? [0, 2, 3, 1][positive]! : positive;
}
