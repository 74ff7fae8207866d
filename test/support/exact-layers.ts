/**
 * The layers of the pretrained networks in double precision: each written out as plain loops, with its gradient. They are what engines are compared with, so they
 * share no code with any of them. Images are [B,H,W,C], as in tfjs.
 */
import type { layers } from '@tensorflow/tfjs-layers';

export type Layer = layers.Layer;

export interface Exact {
  shape: number[];
  data: Float64Array;
}

export interface Applied {
  output: Exact;
  /** From the gradient of the output: those of the inputs and of the layer's weights, by their own names. */
  backward(dy: Float64Array): { inputs: Float64Array[]; weights: Record<string, Float64Array> };
}

export interface Mode {
  batchNorm: 'frozen' | 'train';
}

type Config = Record<string, unknown>;
type Pair = [number, number];
type Operator = (inputs: Exact[], config: Config, weights: Record<string, Float64Array>, mode: Mode) => Applied;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
const blank = (shape: number[]): Exact => ({ shape, data: new Float64Array(sizeOf(shape)) });
const pair = (value: unknown): Pair => (Array.isArray(value) ? value as Pair : [value as number, value as number]);

/** Sizes of the result of a moving window, and the pixels padded at the top and on the left. */
function windowOf([, height, width]: readonly number[], [down, across]: Pair, { strides, padding }: Config): { out: Pair; strides: Pair; pads: Pair } {
  const [rows, columns] = pair(strides);
  const along = (size: number, window: number, stride: number): Pair => {
    if (padding === 'valid') return [Math.floor((size - window) / stride) + 1, 0];
    const out = Math.ceil(size / stride);
    return [out, Math.floor(Math.max((out - 1) * stride + window - size, 0) / 2)];
  };
  const [[outHeight, top], [outWidth, left]] = [along(height!, down, rows), along(width!, across, columns)];
  return { out: [outHeight, outWidth], strides: [rows, columns], pads: [top, left] };
}

/** Calls `visit` with every pixel that a window sees: where the result starts, where the pixel, and which place of the window it is. */
function slide(x: readonly number[], kernel: Pair, config: Config, visit: (result: number, pixel: number, place: number) => void): Pair {
  const [batch, height, width] = x as [number, number, number];
  const { out, strides, pads } = windowOf(x, kernel, config);
  for (let result = 0; result < batch * out[0] * out[1]; result += 1) {
    const image = Math.floor(result / (out[0] * out[1]));
    const top = (Math.floor(result / out[1]) % out[0]) * strides[0] - pads[0];
    const left = (result % out[1]) * strides[1] - pads[1];
    for (let place = 0; place < kernel[0] * kernel[1]; place += 1) {
      const row = top + Math.floor(place / kernel[1]);
      const column = left + (place % kernel[1]);
      if (row >= 0 && row < height && column >= 0 && column < width) visit(result, (image * height + row) * width + column, place);
    }
  }
  return out;
}

function plain(config: Config): void {
  if (config['dataFormat'] === 'channelsFirst' || pair(config['dilationRate'] ?? 1).some((rate) => rate !== 1) || (config['depthMultiplier'] ?? 1) !== 1) throw new Error(`not written in double precision: ${JSON.stringify(config)}`);
}

/** y[o] = sum over window and i of x[i] w[i, o], + b[o]. */
const conv2d: Operator = ([x], config, { kernel, bias }) => {
  plain(config);
  const size = pair(config['kernelSize']);
  const inputs = x!.shape[3]!;
  const outputs = config['filters'] as number;
  const { out } = windowOf(x!.shape, size, config);
  const y = blank([x!.shape[0]!, ...out, outputs]);
  if (bias) for (let index = 0; index < y.data.length; index += 1) y.data[index] = bias[index % outputs]!;
  const [from, to, w] = [x!.data, y.data, kernel!];
  slide(x!.shape, size, config, (result, pixel, place) => {
    for (let i = 0; i < inputs; i += 1) {
      const value = from[pixel * inputs + i]!;
      if (value === 0) continue;
      const row = (place * inputs + i) * outputs;
      for (let o = 0; o < outputs; o += 1) to[result * outputs + o]! += value * w[row + o]!;
    }
  });
  const backward: Applied['backward'] = (dy) => {
    const [dx, dKernel, dBias] = [new Float64Array(from.length), new Float64Array(w.length), new Float64Array(outputs)];
    slide(x!.shape, size, config, (result, pixel, place) => {
      for (let i = 0; i < inputs; i += 1) {
        const value = from[pixel * inputs + i]!;
        const row = (place * inputs + i) * outputs;
        let sum = 0;
        for (let o = 0; o < outputs; o += 1) {
          const slope = dy[result * outputs + o]!;
          dKernel[row + o]! += value * slope;
          sum += w[row + o]! * slope;
        }
        dx[pixel * inputs + i]! += sum;
      }
    });
    for (let index = 0; index < dy.length; index += 1) dBias[index % outputs]! += dy[index]!;
    return { inputs: [dx], weights: { kernel: dKernel, ...(bias && { bias: dBias }) } };
  };
  return { output: y, backward };
};

/** y[c] = sum over window of x[c] w[c]. */
const depthwise: Operator = ([x], config, { depthwise_kernel: kernel, bias }) => {
  plain(config);
  if (bias) throw new Error('not written in double precision: a depthwise bias');
  const size = pair(config['kernelSize']);
  const channels = x!.shape[3]!;
  const { out } = windowOf(x!.shape, size, config);
  const y = blank([x!.shape[0]!, ...out, channels]);
  const [from, to, w] = [x!.data, y.data, kernel!];
  slide(x!.shape, size, config, (result, pixel, place) => {
    for (let c = 0; c < channels; c += 1) to[result * channels + c]! += from[pixel * channels + c]! * w[place * channels + c]!;
  });
  const backward: Applied['backward'] = (dy) => {
    const [dx, dKernel] = [new Float64Array(from.length), new Float64Array(w.length)];
    slide(x!.shape, size, config, (result, pixel, place) => {
      for (let c = 0; c < channels; c += 1) {
        const slope = dy[result * channels + c]!;
        dx[pixel * channels + c]! += w[place * channels + c]! * slope;
        dKernel[place * channels + c]! += from[pixel * channels + c]! * slope;
      }
    });
    return { inputs: [dx], weights: { depthwise_kernel: dKernel } };
  };
  return { output: y, backward };
};

/** Calls `visit` with every number of [..., C] and its channel. */
function eachChannel(size: number, channels: number, visit: (index: number, channel: number) => void): void {
  for (let start = 0; start < size; start += channels) for (let channel = 0; channel < channels; channel += 1) visit(start + channel, channel);
}

/** y = gamma h + beta, h = (x - mean) / sqrt(variance + epsilon); on the batch dx = gamma / sqrt(variance + epsilon) (dy - mean of dy - h mean of dy h). */
const batchNormalization: Operator = ([x], config, { gamma, beta, moving_mean: movingMean, moving_variance: movingVariance }, { batchNorm }) => {
  const channels = x!.shape.at(-1)!;
  const [from, size] = [x!.data, x!.data.length];
  const places = size / channels;
  const trains = batchNorm === 'train';
  const mean = trains ? new Float64Array(channels) : movingMean!;
  const variance = trains ? new Float64Array(channels) : movingVariance!;
  if (trains) {
    eachChannel(size, channels, (index, c) => (mean[c]! += from[index]! / places));
    eachChannel(size, channels, (index, c) => (variance[c]! += (from[index]! - mean[c]!) ** 2 / places));
  }
  const inverse = variance.map((value) => 1 / Math.sqrt(value + (config['epsilon'] as number)));
  const h = new Float64Array(size);
  const y = blank(x!.shape);
  eachChannel(size, channels, (index, c) => {
    h[index] = (from[index]! - mean[c]!) * inverse[c]!;
    y.data[index] = gamma![c]! * h[index]! + beta![c]!;
  });
  const backward: Applied['backward'] = (dy) => {
    const [dx, dBeta, dGamma] = [new Float64Array(size), new Float64Array(channels), new Float64Array(channels)];
    if (trains) {
      eachChannel(size, channels, (index, c) => {
        dBeta[c]! += dy[index]!;
        dGamma[c]! += dy[index]! * h[index]!;
      });
    }
    eachChannel(size, channels, (index, c) => (dx[index] = gamma![c]! * inverse[c]! * (dy[index]! - dBeta[c]! / places - (h[index]! * dGamma[c]!) / places)));
    return { inputs: [dx], weights: { ...(trains && { gamma: dGamma, beta: dBeta }) } };
  };
  return { output: y, backward };
};

/** The ceiling of a rectifier; undefined for every other layer. */
export function ceilingOf(layer: Layer): number | undefined {
  const config = layer.getConfig();
  if (layer.getClassName() === 'ReLU' && !config['negativeSlope'] && !config['threshold']) return (config['maxValue'] as number | null | undefined) ?? Number.POSITIVE_INFINITY;
  if (layer.getClassName() !== 'Activation') return undefined;
  return { relu: Number.POSITIVE_INFINITY, relu6: 6 }[config['activation'] as string];
}

function rectifier(x: Exact, ceiling: number): Applied {
  const [from, y] = [x.data, blank(x.shape)];
  for (let index = 0; index < from.length; index += 1) {
    const value = from[index]!;
    y.data[index] = value < 0 ? 0 : value > ceiling ? ceiling : value;
  }
  const backward: Applied['backward'] = (dy) => {
    const dx = new Float64Array(dy.length);
    for (let index = 0; index < dx.length; index += 1) if (from[index]! > 0 && from[index]! < ceiling) dx[index] = dy[index]!;
    return { inputs: [dx], weights: {} };
  };
  return { output: y, backward };
}

const maxPooling: Operator = ([x], config) => {
  const size = pair(config['poolSize']);
  const channels = x!.shape[3]!;
  const { out } = windowOf(x!.shape, size, config);
  const y = blank([x!.shape[0]!, ...out, channels]);
  y.data.fill(Number.NEGATIVE_INFINITY);
  const origin = new Uint32Array(y.data.length);
  slide(x!.shape, size, config, (result, pixel) => {
    for (let c = 0; c < channels; c += 1) {
      if (!(x!.data[pixel * channels + c]! > y.data[result * channels + c]!)) continue;
      y.data[result * channels + c] = x!.data[pixel * channels + c]!;
      origin[result * channels + c] = pixel * channels + c;
    }
  });
  const backward: Applied['backward'] = (dy) => {
    const dx = new Float64Array(x!.data.length);
    for (let index = 0; index < dy.length; index += 1) dx[origin[index]!]! += dy[index]!;
    return { inputs: [dx], weights: {} };
  };
  return { output: y, backward };
};

const add: Operator = (inputs) => {
  const output = blank(inputs[0]!.shape);
  for (const { data } of inputs) for (let index = 0; index < data.length; index += 1) output.data[index]! += data[index]!;
  return { output, backward: (dy) => ({ inputs: inputs.map(() => dy), weights: {} }) };
};

/** Copies every pixel's channels, and its gradient back. @param to where channel 0 of an input's pixel lies in the result */
function copied(inputs: Exact[], shape: number[], to: (input: number, pixel: number) => number): Applied {
  const output = blank(shape);
  const each = (visit: (input: number, from: number, to: number, channels: number) => void) => inputs.forEach(({ data, shape: own }, input) => {
    const channels = own.at(-1)!;
    for (let pixel = 0; pixel < data.length / channels; pixel += 1) visit(input, pixel * channels, to(input, pixel), channels);
  });
  each((input, from, place, channels) => output.data.set(inputs[input]!.data.subarray(from, from + channels), place));
  const backward: Applied['backward'] = (dy) => {
    const found = inputs.map(({ data }) => new Float64Array(data.length));
    each((input, from, place, channels) => found[input]!.set(dy.subarray(place, place + channels), from));
    return { inputs: found, weights: {} };
  };
  return { output, backward };
}

const concatenate: Operator = (inputs) => {
  const depths = inputs.map(({ shape }) => shape.at(-1)!);
  const depth = depths.reduce((sum, one) => sum + one, 0);
  const before = depths.map((_, index) => depths.slice(0, index).reduce((sum, one) => sum + one, 0));
  return copied(inputs, [...inputs[0]!.shape.slice(0, -1), depth], (input, pixel) => pixel * depth + before[input]!);
};

const zeroPadding: Operator = ([x], config) => {
  const [batch, height, width, depth] = x!.shape as [number, number, number, number];
  const [[top, bottom], [left, right]] = config['padding'] as [Pair, Pair];
  const wide = width + left + right;
  return copied([x!], [batch, height + top + bottom, wide, depth], (_, pixel) => {
    const [image, row, column] = [Math.floor(pixel / (height * width)), Math.floor(pixel / width) % height, pixel % width];
    return ((image * (height + top + bottom) + row + top) * wide + column + left) * depth;
  });
};

const operators: Record<string, Operator> = {
  Conv2D: conv2d, DepthwiseConv2D: depthwise, BatchNormalization: batchNormalization, MaxPooling2D: maxPooling, Add: add, Concatenate: concatenate, ZeroPadding2D: zeroPadding,
};

/** Runs a layer. @throws Error naming a layer that is not written here */
export function applyExactly(layer: Layer, inputs: Exact[], weights: Record<string, Float64Array>, mode: Mode): Applied {
  const ceiling = ceilingOf(layer);
  if (ceiling !== undefined) return rectifier(inputs[0]!, ceiling);
  const operator = operators[layer.getClassName()];
  if (!operator || (layer.getConfig()['activation'] ?? 'linear') !== 'linear') throw new Error(`not written in double precision: ${layer.getClassName()} ${layer.name}`);
  return operator(inputs, layer.getConfig(), weights, mode);
}
