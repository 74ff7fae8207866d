import type { Stage } from '@cultivar/sdk';

const sameResolution = (a: Stage, b: Stage): boolean =>
  a.outputShape.length === b.outputShape.length && a.outputShape[0] === b.outputShape[0] && a.outputShape[1] === b.outputShape[1];

/**
 * Stages in groups of one resolution, from pixels to top. The last of a group is where most has been computed before the
 * resolution drops; a network without drops is one group for each stage.
 */
export function resolutionGroups(stages: readonly Stage[]): Stage[][] {
  const groups: Stage[][] = [];
  for (const stage of stages) {
    const last = groups.at(-1);
    if (last && sameResolution(last[0]!, stage)) last.push(stage);
    else groups.push([stage]);
  }
  return groups;
}

/** Ends of the resolutions, the top first. */
export function cutsFromTop(stages: readonly Stage[]): string[] {
  return resolutionGroups(stages).map((group) => group.at(-1)!.name).reverse();
}
