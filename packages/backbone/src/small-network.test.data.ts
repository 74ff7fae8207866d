import * as tfl from '@tensorflow/tfjs-layers';

type Tensor = tfl.SymbolicTensor;

const initializer = () => tfl.initializers.varianceScaling({ scale: 2, mode: 'fanIn', distribution: 'normal', seed: 5 });

function convolution(x: Tensor, name: string, filters: number, kernelSize: number, strides: number, relu: boolean): Tensor {
  const y = tfl.layers.conv2d({ name, filters, kernelSize, strides, padding: 'same', useBias: false, kernelInitializer: initializer() }).apply(x) as Tensor;
  return normalise(y, name, relu);
}

function depthwise(x: Tensor, name: string, strides: number): Tensor {
  const y = tfl.layers.depthwiseConv2d({ name, kernelSize: 3, strides, padding: 'same', useBias: false, depthwiseInitializer: initializer() }).apply(x) as Tensor;
  return normalise(y, name, true);
}

function normalise(x: Tensor, name: string, relu: boolean): Tensor {
  const y = tfl.layers.batchNormalization({ name: `${name}_bn` }).apply(x) as Tensor;
  return relu ? tfl.layers.reLU({ name: `${name}_relu`, maxValue: 6 }).apply(y) as Tensor : y;
}

function block(x: Tensor, name: string, filters: number, strides: number): Tensor {
  const wide = convolution(x, `${name}_expand`, x.shape.at(-1)! * 4, 1, 1, true);
  return convolution(depthwise(wide, `${name}_depthwise`, strides), `${name}_project`, filters, 1, 1, false);
}

/** A network like MobileNetV2 in small: 32 px, inverted residuals, classifier of five classes on top. */
export function smallNetwork(): tfl.LayersModel {
  const input = tfl.input({ shape: [32, 32, 3], name: 'pixels' });
  const stem = convolution(input, 'stem', 8, 3, 2, true);
  const first = block(stem, 'block_1', 12, 2);
  const second = tfl.layers.add({ name: 'block_2_add' }).apply([first, block(first, 'block_2', 12, 1)]) as Tensor;
  const third = block(second, 'block_3', 24, 2);
  const top = convolution(third, 'top', 48, 1, 1, true);
  const pooled = tfl.layers.globalAveragePooling2d({ name: 'pool' }).apply(top) as Tensor;
  const scores = tfl.layers.dense({ name: 'scores', units: 5, activation: 'softmax' }).apply(pooled) as Tensor;
  return tfl.model({ inputs: input, outputs: scores, name: 'small' });
}

/** The shape of a Teachable Machine export: Sequential[Sequential[Model, pool], Sequential[Dense, Dense]]. */
export function nested(inner: tfl.LayersModel): tfl.LayersModel {
  const headless = tfl.model({ inputs: inner.inputs, outputs: inner.getLayer('top_relu').output as Tensor, name: 'headless' });
  inner.getLayer('scores').dispose();
  const backbone = tfl.sequential({ name: 'backbone' });
  backbone.add(headless as unknown as tfl.layers.Layer);
  backbone.add(tfl.layers.globalAveragePooling2d({}));
  const classifier = tfl.sequential({ layers: [tfl.layers.dense({ units: 7, inputShape: [48] }), tfl.layers.dense({ units: 2, activation: 'softmax' })] });
  const whole = tfl.sequential({ name: 'whole' });
  whole.add(backbone as unknown as tfl.layers.Layer);
  whole.add(classifier as unknown as tfl.layers.Layer);
  return whole;
}
