import type { Operator } from '../conversion.js';
import { activation, activationNames } from './activation.js';
import { add, product, quotient, subtract } from './arithmetic.js';
import { batchNorm } from './batch-norm.js';
import { convolution, depthwiseConvolution, fused, matrixProduct } from './convolution.js';
import { averagePool, maximum, maximumPool, mean } from './pooling.js';
import { concatenate, constant, identity, pad, placeholder, reshape, squeeze } from './shape.js';

/** Every operator that can be turned into layers, by TensorFlow's name. */
export const operators: Readonly<Record<string, Operator>> = {
  Placeholder: placeholder,
  Const: constant,
  Identity: identity,
  StopGradient: identity,
  Cast: identity,
  Conv2D: convolution,
  _FusedConv2D: fused(convolution),
  DepthwiseConv2dNative: depthwiseConvolution,
  FusedDepthwiseConv2dNative: fused(depthwiseConvolution),
  MatMul: matrixProduct,
  _FusedMatMul: fused(matrixProduct),
  BiasAdd: add,
  Add: add,
  AddV2: add,
  Sub: subtract,
  Mul: product,
  RealDiv: quotient,
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  ...Object.fromEntries(activationNames.map((name) => [name, activation])),
  MaxPool: maximumPool,
  AvgPool: averagePool,
  Mean: mean,
  Max: maximum,
  Pad: pad,
  PadV2: pad,
  Squeeze: squeeze,
  Reshape: reshape,
  ConcatV2: concatenate,
};
