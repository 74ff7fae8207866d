import type { Stage } from '@cultivar/sdk';

/** Stages that a classifier reads, divided where training begins. Its kernel has rows for `trained`, then for `kept`. */
export interface ReadStages {
  /** Outputs of the suffix: they move. */
  trained: string[];
  /** Outputs of the frozen stages before it. */
  kept: string[];
}

/**
 * @param features names of stages
 * @param from where training begins
 */
export function readStages(features: readonly string[], from: string, stages: readonly Stage[]): ReadStages {
  const place = new Map(stages.map(({ name, index }) => [name, index]));
  const moves = (name: string) => place.get(name)! >= place.get(from)!;
  return { trained: features.filter(moves), kept: features.filter((name) => !moves(name)) };
}
