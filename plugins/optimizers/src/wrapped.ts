import type { Contributions, ContributionReference, Optimizer } from '@cultivar/sdk';
import type { Tensor } from '@tensorflow/tfjs-core';

type Tensors = Readonly<Record<string, Tensor>>;

/** An optimizer inside another: its slots lie among those of the outer one, under `of.`. */
export class Wrapped {
  readonly #optimizer: Optimizer;

  constructor(contributions: Contributions, of: ContributionReference | string) {
    this.#optimizer = contributions.create<Optimizer>('optimizer', of);
  }

  get elementwise(): boolean {
    return this.#optimizer.elementwise !== false;
  }

  update(step: Parameters<Optimizer['update']>[0]): ReturnType<Optimizer['update']> {
    const { delta, slots } = this.#optimizer.update(Object.defineProperty(copied(step), 'slots', { value: inner(step.slots), enumerable: true }));
    return { delta, slots: Object.fromEntries(Object.entries(slots).map(([name, slot]) => [`of.${name}`, slot])) };
  }

  /** What the inner optimizer would have measured and kept. */
  evaluated(state: { parameter: Tensor; slots: Tensors; step: number }): Tensor {
    return this.#optimizer.evaluated?.({ ...state, slots: inner(state.slots) }) ?? state.parameter;
  }
}

/** Without looking at what it holds: the trainer takes notice of who looks at the rate. */
const copied = <Step extends object>(step: Step): Step => Object.defineProperties({}, Object.getOwnPropertyDescriptors(step)) as Step;

const inner = (slots: Tensors): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(slots).filter(([name]) => name.startsWith('of.')).map(([name, slot]) => [name.slice(3), slot]));
