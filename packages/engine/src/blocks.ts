import type { Activation, ChainKernels } from './kernels.js';
import { FrozenNormalization, isBatchNormalization, normalisesLastAxis } from './layers/batch-normalization.js';
import { blockWindow, scaleShape, type ConvolutionBlock } from './layers/convolution-block.js';
import type { ChainLink } from './layers/convolution-chain.js';
import { rectifierOf } from './layers/rectifier.js';
import type { FlatNetwork, Layer, LayerCall } from './network/flat-network.js';

/** One step of a training pass: a layer, or a convolution or batch-norm with what is joined to it. */
export interface TrainingCall extends LayerCall {
  block?: ConvolutionBlock;
  /** Convolutions in a row, each with a batch-norm that trains. */
  chain?: ChainLink[];
  /** What a batch-norm that trains is joined with. */
  activation?: Activation;
  /** Whether anything before it has weights that train: only then is the gradient of its input of use. */
  inputTrains: boolean;
}

/**
 * Joins each convolution with the frozen batch-norm and the rectifier that alone read it, and each batch-norm that trains with its
 * rectifier; where the engine has kernels for it, convolutions in a row with their batch-norms that train.
 */
export function joinBlocks(network: FlatNetwork, trains: (layer: Layer) => boolean, batchNorm: 'frozen' | 'train', chainKernels?: ChainKernels): TrainingCall[] {
  const readers = new Map<number, LayerCall[]>();
  for (const call of network.calls) for (const input of call.inputs) readers.set(input, [...(readers.get(input) ?? []), call]);
  const soleReader = (tensor: number): LayerCall | undefined => {
    const all = readers.get(tensor) ?? [];
    return all.length === 1 && !network.outputs.includes(tensor) ? all[0] : undefined;
  };
  const taken = new Set<LayerCall>();
  const trained = new Set<number>();
  const joined: TrainingCall[] = [];
  for (const call of network.calls) {
    if (taken.has(call)) continue;
    const inputTrains = call.inputs.some((input) => trained.has(input));
    let last = call;
    const take = (accept: (layer: Layer) => boolean): Layer | undefined => {
      const next = soleReader(last.outputs[0]!);
      if (!next || !accept(next.layer)) return undefined;
      taken.add(next);
      last = next;
      return next.layer;
    };
    const takeRectifier = (): Activation => {
      const behind = take((layer) => rectifierOf(layer) !== undefined);
      return (behind && rectifierOf(behind)) ?? 'linear';
    };
    const normalises = (layer: Layer) => isBatchNormalization(layer) && normalisesLastAxis(layer, 4);
    const normalisedBehind = (tensor: number): boolean => {
      const next = soleReader(tensor);
      return next !== undefined && normalises(next.layer);
    };
    const withoutOffset = (layer: Layer) => blockWindow(layer) !== undefined && layer.weights.length === 1;
    const takeChain = (): ChainLink[] => {
      const links: ChainLink[] = [];
      let convolution: Layer | undefined = call.layer;
      while (convolution) {
        links.push({ convolution, batchNormalization: take(normalises)!, activation: takeRectifier() });
        const next = soleReader(last.outputs[0]!);
        const goesOn = next && withoutOffset(next.layer) && normalisedBehind(next.outputs[0]!) && chainKernels!.takes(next.layer.weights[0]!.shape as number[], blockWindow(next.layer)!, true);
        convolution = goesOn ? take(() => true) : undefined;
      }
      return links;
    };
    let block: ConvolutionBlock | undefined;
    let chain: ChainLink[] | undefined;
    let activation: Activation | undefined;
    if (batchNorm === 'train' && chainKernels && withoutOffset(call.layer) && normalisedBehind(call.outputs[0]!)) {
      chain = takeChain();
    } else if (blockWindow(call.layer)) {
      const folded = batchNorm === 'frozen' ? take(normalises) : undefined;
      block = { convolution: call.layer, batchNormalization: folded, activation: takeRectifier() };
    } else if (isBatchNormalization(call.layer) && batchNorm === 'train') {
      activation = takeRectifier();
    }
    if (inputTrains || trains(call.layer)) trained.add(last.outputs[0]!);
    joined.push({ layer: call.layer, inputs: call.inputs, outputs: last.outputs, block, chain, activation, inputTrains });
  }
  passRectifiers(joined, soleReader);
  return joined;
}

/** A block that alone reads what another has rectified goes back through that rectifier: it reads the result anyway. */
function passRectifiers(joined: readonly TrainingCall[], soleReader: (tensor: number) => LayerCall | undefined): void {
  for (const { block, outputs } of joined) {
    const reader = block && block.activation !== 'linear' ? soleReader(outputs[0]!) : undefined;
    const behind = reader && joined.find(({ layer, inputs }) => layer === reader.layer && inputs[0] === outputs[0])?.block;
    if (!behind) continue;
    behind.before = block!.activation;
    block!.isThroughReader = true;
  }
}

/** Makes blocks ready to run: what frozen batch-norm comes to is kept, until they are disposed. */
export function prepareBlocks(calls: readonly TrainingCall[]): void {
  for (const { block } of calls) if (block?.batchNormalization) block.normalization = new FrozenNormalization(block.batchNormalization, scaleShape(block.convolution));
}

export function disposeBlocks(calls: readonly TrainingCall[]): void {
  for (const { block } of calls) block?.normalization?.dispose();
}
