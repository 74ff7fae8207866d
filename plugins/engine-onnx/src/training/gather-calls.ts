import type { LayerCall, TrainingCall } from '@cultivar/engine';

/** A call, and what stands before it and is done by it. */
export interface GatheredCall {
  call: TrainingCall;
  /** The zeroPadding2d layer whose work it does. */
  padding?: TrainingCall['layer'];
  /** The convolution before a batch-norm that trains; the inputs, and the padding, are the convolution's. */
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

/** A convolution that nothing but a batch-norm reads is gathered with it. */
export function gatherNormalised(gathered: readonly GatheredCall[], outputs: readonly number[]): GatheredCall[] {
  const taken = new Map<TrainingCall, GatheredCall>();
  for (const one of gathered) {
    const [output] = one.call.outputs as [number];
    if (outputs.includes(output) || !isConvolution(one.call)) continue;
    const readers = gathered.filter(({ call: { inputs } }) => inputs.includes(output));
    if (readers.length === 1 && readers[0]!.call.layer.getClassName() === 'BatchNormalization') taken.set(readers[0]!.call, one);
  }
  const convolutions = new Set(taken.values());
  return gathered.filter((one) => !convolutions.has(one)).map((one) => {
    const before = taken.get(one.call);
    return before ? { ...before, call: { ...one.call, inputs: before.call.inputs }, convolution: before.call } : one;
  });
}

const isConvolution = ({ layer, block }: TrainingCall): boolean =>
  ['Conv2D', 'DepthwiseConv2D'].includes(layer.getClassName()) && layer.getConfig()['activation'] === 'linear' && (block?.activation ?? 'linear') === 'linear';
