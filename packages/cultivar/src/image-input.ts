import { shown } from '@cultivar/kernel';
import { failure } from '@cultivar/sdk';
import { isUint8Array } from 'node:util/types';
import { checkPath, readArgument } from './arguments.js';

/**
 * An image as a tensor of any copy of tfjs: [height, width, 3], RGB; `int32` with values 0..255, or `float32` with
 * values 0..1. Structural, so that a program with a tfjs of its own (tfjs-node, say) can hand its tensors over.
 */
export interface ImageTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  data(): Promise<ArrayLike<number>>;
}

/** Path or `file:` URL of an image file, the bytes of one (a Buffer is a Uint8Array), or an {@link ImageTensor}. */
export type ImageInput = string | URL | Uint8Array | ImageTensor;
/** An image as it is classified. */
export type CheckedImage = string | Uint8Array | ImageTensor;

export function isImageTensor(input: unknown): input is ImageTensor {
  return typeof input === 'object' && input !== null && !isUint8Array(input) && 'shape' in input && Array.isArray(input.shape) && 'data' in input && typeof input.data === 'function';
}

/**
 * @param place of the image among several, from 0
 * @throws CultivarError ARGUMENT_INVALID
 */
export function checkImage(input: unknown, place?: number): CheckedImage {
  const argument = place === undefined ? 'image' : `images[${place}]`;
  return readArgument(argument, 'classify()', () => readImage(input, argument));
}

function readImage(input: unknown, argument: string): CheckedImage {
  if (isUint8Array(input) || isImageTensor(input)) return input;
  if (typeof input === 'string' || (typeof input === 'object' && input !== null && 'href' in input)) return checkPath(input, argument, 'classify()');
  const given = input === undefined ? 'it is missing' : `${shown(input)} was given`;
  throw failure('ARGUMENT_INVALID', { argument: `Argument ${argument}`, call: 'classify()', reason: `${given}; it must be a path, a file: URL, the bytes of an image file as a Uint8Array, a tensor [height, width, 3], or a list of these` });
}

/** Rounding of float arithmetic that a value may stand outside 0..1 by. */
const slack = 1e-3;

const wrong = (reason: string) => failure('IMAGE_UNREADABLE', { path: 'given as a tensor', reason });

/**
 * @returns the tensor's pixels as bytes, row by row, RGB; the tensor stays with its owner
 * @throws CultivarError IMAGE_UNREADABLE for another shape or type, and for float values outside 0..1: a float tensor of
 * 0..255 would be a white image
 */
export async function pixelsOfTensor(tensor: ImageTensor): Promise<{ pixels: Uint8Array; height: number; width: number }> {
  const [height = 0, width = 0, channels] = tensor.shape;
  if (tensor.shape.length !== 3 || channels !== 3 || height < 1 || width < 1) {
    throw wrong(`its shape is [${tensor.shape.join(', ')}], not [height, width, 3]`);
  }
  if (tensor.dtype !== 'int32' && tensor.dtype !== 'float32') throw wrong(`its type is ${tensor.dtype}, not int32 (0..255) or float32 (0..1)`);
  const values = await dataOf(tensor);
  if (!values || values.length !== height * width * 3) throw wrong(`it holds ${values ? values.length : 'no'} values, not the ${height * width * 3} of its shape`);
  const whole = tensor.dtype === 'int32';
  const [low, high, scale] = whole ? [0, 255, 1] : [-slack, 1 + slack, 255];
  const pixels = new Uint8Array(values.length);
  for (let index = 0; index < pixels.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (!(value >= low && value <= high)) {
      throw wrong(whole ? `int32 values go from 0 to 255; one is ${value}` : `float32 values go from 0 to 1; one is ${value}: divide by 255, or cast to int32`);
    }
    pixels[index] = Math.round(Math.min(255, Math.max(0, value * scale)));
  }
  return { pixels, height, width };
}

/** A tensor that is disposed of has none. */
async function dataOf(tensor: ImageTensor): Promise<ArrayLike<number>> {
  try {
    return await tensor.data();
  } catch (error) {
    throw failure('IMAGE_UNREADABLE', { path: 'given as a tensor', reason: error instanceof Error ? error.message.replace(/\.$/, '') : String(error) }, error);
  }
}
