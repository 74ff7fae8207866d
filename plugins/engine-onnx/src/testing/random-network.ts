/** For tests: networks by seed. */
import * as tfl from '@tensorflow/tfjs-layers';
import { layers, numbers } from './agreement.js';

type Symbol4 = tfl.SymbolicTensor;

export interface RandomNetworkOptions {
  /** Whether every batch-norm has scale and offset. */
  wholeBatchNorm?: boolean;
  dropout?: boolean;
  /** Whether average pooling may be padded. */
  averagePoolingPads?: boolean;
}

/** A network of 3 to 9 random layers on a random small image, with skips, joins and gates. */
export function randomNetwork(seed: number, { wholeBatchNorm = false, dropout = true, averagePoolingPads = true }: RandomNetworkOptions = {}): tfl.LayersModel {
  const next = numbers(seed);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(next() * choices.length)]!;
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const put = (layer: tfl.layers.Layer, x: Symbol4 | Symbol4[]) => layer.apply(x) as Symbol4;
  const padding = () => pick(['same', 'valid'] as const);
  const input = tfl.input({ shape: [whole(5, 12), whole(5, 12), whole(1, 4)] });
  let x: Symbol4 = input;
  const depth = () => x.shape[3]!;
  const small = () => x.shape[1]! < 4 || x.shape[2]! < 4;
  const window = () => (small() ? { kernelSize: 1, padding: 'same' as const } : { kernelSize: whole(1, 3), strides: whole(1, 2), padding: padding() });
  const steps: (() => Symbol4)[] = [
    () => put(layers.conv2d({ filters: whole(1, 6), useBias: next() < 0.5, ...window() }), x),
    () => put(layers.conv2d({ filters: whole(1, 6), ...window(), activation: pick(['relu', 'relu6', 'swish', 'linear'] as const) }), x),
    () => put(layers.depthwiseConv2d({ depthMultiplier: whole(1, 2), ...window() }), x),
    () => put(layers.separableConv2d({ filters: whole(1, 6), ...window() }), x),
    () => put(layers.batchNormalization({ scale: next() < 0.8 || wholeBatchNorm, center: next() < 0.8 || wholeBatchNorm }), x),
    () => put(layers.batchNormalization(), put(layers.conv2d({ filters: whole(1, 6), useBias: false, ...window() }), x)),
    () => put(layers.reLU(next() < 0.5 ? {} : { maxValue: 1 }), x),
    () => put(layers.leakyReLU({ alpha: 0.2 }), x),
    () => put(layers.activation({ activation: pick(['swish', 'sigmoid', 'hardSigmoid', 'elu', 'tanh', 'gelu'] as const) }), x),
    () => put(layers.add(), [x, put(layers.conv2d({ filters: depth(), kernelSize: 3, padding: 'same' }), x)]),
    () => put(layers.concatenate({ axis: -1 }), [x, put(layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same' }), x)]),
    () => put(layers.multiply(), [x, put(layers.reshape({ targetShape: [1, 1, depth()] }), put(layers.dense({ units: depth(), activation: 'sigmoid' }), put(layers.globalAveragePooling2d({}), x)))]),
    () => {
      if (small()) return x;
      const average = next() < 0.5;
      const pool = { poolSize: whole(2, 3), strides: whole(1, 2), padding: padding() };
      return put(average ? layers.averagePooling2d(averagePoolingPads ? pool : { ...pool, padding: 'valid' }) : layers.maxPooling2d(pool), x);
    },
    () => put(layers.zeroPadding2d({ padding: [[whole(0, 2), whole(0, 2)], [whole(0, 2), whole(0, 2)]] }), x),
    () => put(layers.rescaling({ scale: next() * 2, offset: next() - 0.5 }), x),
    () => (dropout ? put(layers.dropout({ rate: 0.5 }), x) : x),
  ];
  for (let count = whole(3, 9); count > 0; count--) x = pick(steps)();
  const flat = put(next() < 0.5 ? layers.globalAveragePooling2d({}) : layers.flatten(), x);
  const outputs = next() < 0.3 ? x : put(layers.dense({ units: 3, activation: 'softmax' }), flat);
  return tfl.model({ inputs: input, outputs });
}
