import type { Recorded } from '../operator.js';
import type { Traced } from '../traced.js';

/** One behind the other: the gradient runs through the parts from the last to the first. */
export function chain(...parts: readonly Recorded[]): Recorded {
  return {
    output: parts.at(-1)!.output,
    backward: (gradient) => parts.toReversed().reduce<(Traced | undefined)[]>((gradients, part) => part.backward(gradients[0]!), [gradient]),
  };
}
