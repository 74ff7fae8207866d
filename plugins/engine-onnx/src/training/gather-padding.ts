import type { LayerCall, TrainingCall } from '@cultivar/engine';

/** A call, and the zeros put around its input that it takes up itself. */
export interface PaddedCall {
  call: TrainingCall;
  /** The zeroPadding2d layer whose work it does. */
  padding?: TrainingCall['layer'];
}

/** Zero padding that only convolutions read is theirs: they pad at no cost. */
export function gatherPadding(calls: readonly TrainingCall[], outputs: readonly number[]): PaddedCall[] {
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
