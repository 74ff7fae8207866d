import { BlankTensor, type LossAndGradients } from '@cultivar/sdk';
import type { Tensor1D, Variable } from '@tensorflow/tfjs-core';
import type { Tensors } from './in-place.js';

/** Where the gradient of a weight stands among others. */
interface Part {
  tensor: BlankTensor;
  begin: number;
  size: number;
}

/**
 * Gradients of one step, summed over the groups of its images: in tensors of their own, or in one, in the order of the weights. The
 * backward graph may write those of the first group there itself.
 */
export class StepGradients {
  private readonly tensors: BlankTensor[];
  private readonly parts: ReadonlyMap<string, Part>;

  /** @param results of the backward graph, by weight; the gradient of a weight without one is zero */
  constructor(private readonly weights: Readonly<Record<string, Variable>>, private readonly results: ReadonlyMap<string, string>, private readonly joined: boolean) {
    const all = Object.entries(weights);
    if (joined) {
      const tensor = new BlankTensor([all.reduce((sum, [, { size }]) => sum + size, 0)]);
      let end = 0;
      this.tensors = [tensor];
      this.parts = new Map(all.map(([weight, { size }]) => [weight, { tensor, begin: (end += size) - size, size }]));
    } else {
      this.tensors = all.map(([, { shape }]) => new BlankTensor(shape));
      this.parts = new Map(all.map(([weight, { size }], index) => [weight, { tensor: this.tensors[index]!, begin: 0, size }]));
    }
    for (const [weight, part] of this.parts) if (!results.has(weight)) numbersIn(part).fill(0);
  }

  /** By the names of the backward graph's results; good for as long as the numbers of a `BlankTensor`. */
  places(): Map<string, Float32Array> {
    const places = new Map(Array.from(this.results, ([weight, result]) => [result, numbersIn(this.parts.get(weight)!)]));
    if (places.size < this.results.size) throw new Error('two weights share a gradient');
    return places;
  }

  /** @param results of the first group of images, where they do not stand in their places already */
  set(results: Tensors): void {
    for (const [name, place] of this.places()) place.set(results[name]!.data as Float32Array);
  }

  /** @param results of a further group */
  add(results: Tensors): void {
    for (const [name, place] of this.places()) {
      const values = results[name]!.data as Float32Array;
      for (let index = 0; index < place.length; index += 1) place[index]! += values[index]!;
    }
  }

  written(): Pick<LossAndGradients, 'gradients' | 'joined'> {
    const names = Object.keys(this.weights);
    const tensors = this.tensors.map((tensor) => tensor.written());
    return this.joined ? { gradients: {}, joined: { names, values: tensors[0] as Tensor1D } } : { gradients: Object.fromEntries(names.map((name, index) => [name, tensors[index]!])) };
  }

  /** Instead of `written`, where the step comes to nothing. */
  dispose(): void {
    for (const tensor of this.tensors) tensor.dispose();
  }
}

const numbersIn = ({ tensor, begin, size }: Part): Float32Array => tensor.numbers.subarray(begin, begin + size);
