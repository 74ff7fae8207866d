import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel } from '../onnx/encode.js';
import { int, ints, OnnxGraph } from '../onnx/graph.js';
import { loadRuntime, type InferenceSession, type Tensor } from '@cultivar/onnxruntime';
import { blockedDepthwise } from './forms/blocked-depthwise.js';
import { blockedPointwise } from './forms/blocked-pointwise.js';
import { depthwise } from './forms/depthwise.js';
import type { ConvolutionForm, ConvolutionShape } from './forms/form.js';
import { general } from './forms/general.js';
import { pointwise } from './forms/pointwise.js';
import { Tape } from './tape.js';

const settings: InferenceSession.SessionOptions = { executionProviders: ['cpu'], logSeverityLevel: 4, intraOpNumThreads: 1 };
const channels = 32;
/** Places of two images fill groups of 16. */
const side = 8;

/** Whether the runtime itself uses the blocked order on this machine: the name of its operators is in what it makes of a convolution. */
async function usesBlocks(): Promise<boolean> {
  const graph = new OnnxGraph();
  graph.inputs.push({ name: 'x', type: 'float', shape: [1, channels, side, side] });
  graph.outputs.push({ name: graph.add('Conv', ['x', graph.constant(new Float32Array(channels * channels), [channels, channels, 1, 1])], { kernel_shape: ints([1, 1]) }, 'y'), type: 'float' });
  const { InferenceSession: Session } = await loadRuntime();
  const folder = await mkdtemp(join(tmpdir(), 'cultivar-'));
  try {
    const optimizedModelFilePath = join(folder, 'optimized.onnx');
    const session = await Session.create(encodeModel(graph), { ...settings, graphOptimizationLevel: 'all', optimizedModelFilePath });
    await session.release();
    return (await readFile(optimizedModelFilePath)).includes('com.microsoft.nchwc');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compute(graph: OnnxGraph, feeds: Record<string, Tensor>): Promise<Float32Array[]> {
  const { InferenceSession: Session } = await loadRuntime();
  const session = await Session.create(encodeModel(graph), settings);
  const results = await session.run(Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!])));
  const numbers = graph.outputs.map(({ name }) => (results[name]!.data as Float32Array).slice());
  await session.release();
  return numbers;
}

/** How many channels stand side by side: where the second pixel of the first one lies. */
async function groupLength(): Promise<number> {
  const graph = new OnnxGraph();
  graph.inputs.push({ name: 'x', type: 'float', shape: [1, channels, 1, 2] });
  graph.outputs.push({ name: graph.add('com.microsoft.nchwc.ReorderInput', ['x'], { channels_last: int(0) }, 'y'), type: 'float' });
  const { Tensor: RuntimeTensor } = await loadRuntime();
  const [grouped] = await compute(graph, { x: new RuntimeTensor('float32', Float32Array.from({ length: 2 * channels }, (_, index) => index), [1, channels, 1, 2]) });
  return grouped!.indexOf(1);
}

/** A convolution and its two gradients by one form or another. */
async function answers(shape: ConvolutionShape, forms: { forward: ConvolutionForm; inputGradient: ConvolutionForm; kernelGradient: ConvolutionForm }, block: number): Promise<number[]> {
  const tape = new Tape({ batch: 2, block });
  const { graph } = tape;
  const kernelShape = shape.depthwise ? [...shape.size, channels, 1] : [...shape.size, channels, channels];
  const shapes = { x: [2, side, side, channels], dy: [2, ...shape.outputSize, channels], kernel: kernelShape, bias: [channels] };
  for (const [name, dimensions] of Object.entries(shapes)) graph.inputs.push({ name, type: 'float', shape: dimensions });
  const x = tape.fromTfjsOrder('x', [null, side, side, channels]);
  const dy = tape.fromTfjsOrder('dy', [null, ...shape.outputSize, channels]);
  const results = [
    tape.inTfjsOrder(forms.forward.forward!(x, 'kernel', 'bias', shape, tape)),
    tape.inTfjsOrder(forms.inputGradient.inputGradient!(dy, 'kernel', shape, tape)),
    forms.kernelGradient.kernelGradient!(block > 0 ? tape.lay(x, 'stacked') : x, dy, shape, tape),
  ];
  graph.outputs.push(...results.map((name) => ({ name, type: 'float' as const })));
  const { Tensor: RuntimeTensor } = await loadRuntime();
  const feeds = Object.entries(shapes).map(([name, dimensions], place) => {
    const count = dimensions.reduce((product, size) => product * size, 1);
    return [name, new RuntimeTensor('float32', Float32Array.from({ length: count }, (_, index) => Math.sin(index * (place + 1.7) + place)), dimensions)];
  });
  return (await compute(graph, Object.fromEntries(feeds) as Record<string, Tensor>)).flatMap((numbers) => [...numbers]);
}

const window = { inputs: channels, outputs: channels, dilations: [1, 1], inputSize: [side, side] } satisfies Partial<ConvolutionShape>;
const trials: [ConvolutionShape, ConvolutionForm, ConvolutionForm][] = [
  [{ ...window, depthwise: true, size: [3, 3], strides: [1, 1], pads: { top: 1, left: 1, bottom: 1, right: 1 }, outputSize: [side, side] }, blockedDepthwise, depthwise],
  [{ ...window, depthwise: false, size: [1, 1], strides: [1, 1], pads: { top: 0, left: 0, bottom: 0, right: 0 }, outputSize: [side, side] }, blockedPointwise, pointwise],
];

async function probe(): Promise<number> {
  if (!(await usesBlocks())) return 0;
  const block = await groupLength();
  if (block < 4 || block > channels) return 0;
  for (const [shape, blocked, plain] of trials) {
    const found = await answers(shape, { forward: blocked, inputGradient: blocked, kernelGradient: blocked.kernelGradient ? blocked : plain }, block);
    const expected = await answers(shape, { forward: plain.forward ? plain : general, inputGradient: plain, kernelGradient: plain.kernelGradient ? plain : general }, 0);
    if (!found.every((value, index) => Math.abs(value - expected[index]!) < 1e-4 * (1 + Math.abs(expected[index]!)))) return 0;
  }
  return block;
}

let order: Promise<number> | undefined;

/**
 * Channels in a group of the runtime's blocked order on this machine: 8 with AVX2, 16 with AVX-512. Tried once: 0 where the
 * runtime has no such order, or where it does not give the numbers that the standard operators give.
 */
export const blockedOrder = (): Promise<number> => (order ??= probe().catch(() => 0));
