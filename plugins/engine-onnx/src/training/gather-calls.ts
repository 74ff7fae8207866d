import type { LayerCall, TrainingCall } from '@cultivar/engine';

/** A call, and what stands before it and is done by it. */
export interface GatheredCall {
  call: TrainingCall;
  /** The zeroPadding2d layer whose work it does. */
  padding?: TrainingCall['layer'];
  /** The 1x1 convolution before a batch-norm that trains; the inputs are the convolution's. */
  convolution?: TrainingCall;
}

/** Zero padding that only convolutions read is theirs: they pad at no cost. */
export function gatherPadding(calls: readonly TrainingCall[], outputs: readonly number[]): GatheredCall[] {
  const readers = (tensor: number): LayerCall[] => calls.filter(({ inputs }) => inputs.includes(tensor));
  const padded = new Map<number, TrainingCall>();
  for (const call of calls) {
    const [output] = call.outputs as [number];
    if (call.layer.getClassName() !== 'ZeroPadding2D' || outputs.includes(output)) continue;
    if (readers(output).every(({ layer }) => ['Conv2D', 'DepthwiseConv2D', 'SeparableConv2D'].includes(layer.getClassName()))) padded.set(output, call);
  }
  return calls.filter((call) => !padded.has(call.outputs[0]!)).map((call) => {
    const before = padded.get(call.inputs[0]!);
    return before ? { call: { ...call, inputs: before.inputs }, padding: before.layer } : { call };
  });
}

/** A convolution of one pixel that nothing but a batch-norm reads is gathered with it. */
export function gatherProducts(gathered: readonly GatheredCall[], outputs: readonly number[]): GatheredCall[] {
  const taken = new Map<TrainingCall, TrainingCall>();
  for (const { call, padding } of gathered) {
    const [output] = call.outputs as [number];
    if (padding || outputs.includes(output) || !isProduct(call)) continue;
    const readers = gathered.filter(({ call: { inputs } }) => inputs.includes(output));
    if (readers.length === 1 && readers[0]!.call.layer.getClassName() === 'BatchNormalization') taken.set(readers[0]!.call, call);
  }
  const products = new Set(taken.values());
  return gathered.filter(({ call }) => !products.has(call)).map((one) => {
    const convolution = taken.get(one.call);
    return convolution ? { ...one, call: { ...one.call, inputs: convolution.inputs }, convolution } : one;
  });
}

function isProduct({ layer, block }: TrainingCall): boolean {
  const { kernelSize, strides, useBias, activation, dataFormat } = layer.getConfig();
  const ones = (value: unknown) => [value].flat().every((one) => one === 1);
  return layer.getClassName() === 'Conv2D' && ones(kernelSize) && ones(strides) && useBias === false && activation === 'linear' && dataFormat === 'channelsLast' && (block?.activation ?? 'linear') === 'linear';
}
