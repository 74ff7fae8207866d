/**
 * The built-in plugins: the packages that every run can use without asking for them. The one place in the house that
 * names plugins; everything else asks the kernel by kind and name.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A plugin package and the folder that its name is resolved from. */
export interface PackagedPlugin {
  name: string;
  from: string;
}

const engines = ['@cultivar/engine-onnx', '@cultivar/engine-tensorflow', '@cultivar/engine-tfjs'] as const;
const techniques = [
  '@cultivar/backbones', '@cultivar/strategies', '@cultivar/optimizers', '@cultivar/solvers', '@cultivar/schedules',
  '@cultivar/initializers', '@cultivar/augmentations', '@cultivar/regularizers', '@cultivar/layers', '@cultivar/ensembles', '@cultivar/metrics',
] as const;

const from = dirname(fileURLToPath(import.meta.url));
const packaged = (names: readonly string[]): PackagedPlugin[] => names.map((name) => ({ name, from }));

/** Everything that training can use. */
export const preset: readonly PackagedPlugin[] = packaged([...techniques, ...engines]);

/** What a finished bundle needs to run and to be measured: the engines, the layers that a network may hold, the metrics. */
export const enginePreset: readonly PackagedPlugin[] = packaged(['@cultivar/layers', '@cultivar/metrics', ...engines]);
