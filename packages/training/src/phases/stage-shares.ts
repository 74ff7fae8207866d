import type { Stage } from '@cultivar/sdk';

/**
 * Share of the base rate by weight: that of the stage its layer belongs to.
 * @param rates by stage name, and `head`; 1 where not named
 * @returns from the name of a weight, `layer/weight`, to its share
 */
export function stageShares(stages: readonly Stage[], rates: Readonly<Record<string, number>>): (weight: string) => number {
  const byLayer = new Map(stages.flatMap((stage) => stage.layers.map((layer) => [layer, rates[stage.name] ?? 1] as const)));
  byLayer.set('head', rates['head'] ?? 1);
  return (weight) => {
    // A layer's name may itself hold slashes: the longest beginning that is a layer counts.
    for (let end = weight.lastIndexOf('/'); end > 0; end = weight.lastIndexOf('/', end - 1)) {
      const share = byLayer.get(weight.slice(0, end));
      if (share !== undefined) return share;
    }
    return byLayer.get(weight) ?? 1;
  };
}
