/** What a plugin can contribute. The order is that of the catalogue. */
export const kinds = [
  'backbone', 'strategy', 'similarity', 'optimizer', 'solver', 'schedule', 'initializer',
  'augmentation', 'regularizer', 'layer', 'ensemble', 'engine', 'metric', 'callback', 'exporter',
] as const;

/** One of the kinds of contribution. */
export type Kind = (typeof kinds)[number];

/**
 * The methods each kind must have. `anyOf` means that at least one of them is there.
 * The kernel checks this when a plugin is loaded, before a contribution is ever used.
 */
export const requiredMethods: Readonly<Record<Kind, { all?: readonly string[]; anyOf?: readonly string[] }>> = {
  backbone: { all: ['load'] },
  strategy: { all: ['plan'] },
  similarity: { all: ['measure'] },
  optimizer: { all: ['update'] },
  solver: { all: ['minimize'] },
  schedule: { all: ['at'] },
  initializer: { all: ['create'] },
  augmentation: { all: ['apply'] },
  regularizer: { anyOf: ['penalty', 'targets', 'gradients', 'project', 'noise', 'headLayers', 'branch', 'epochEnd'] },
  layer: { all: ['create'] },
  ensemble: { all: ['next', 'combine'] },
  engine: { all: ['available', 'inference'] },
  metric: { all: ['compute'] },
  callback: { anyOf: ['runStart', 'phaseStart', 'epochEnd', 'phaseEnd', 'runEnd'] },
  exporter: { all: ['export'] },
};
