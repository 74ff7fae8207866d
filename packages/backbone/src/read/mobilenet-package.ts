import { failure } from '@cultivar/sdk';
import { load } from '@tensorflow-models/mobilenet';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { io } from '@tensorflow/tfjs-core';
import type { ModelFiles } from './model-files.js';

/** The only input size that @tensorflow-models/mobilenet runs. */
const packageSize = 224;

/** Where @tensorflow-models/mobilenet has its weights: TF-Hub graphs, asked for as files so that they can be cached. */
export function packageAddress(version: 1 | 2, alpha: number): string {
  const width = String(Math.round(alpha * 100)).padStart(3, '0');
  return `https://tfhub.dev/google/imagenet/mobilenet_v${version}_${width}_${packageSize}/classification/${version}/model.json?tfjs-format=file`;
}

/** Height of the image that the graph wants; undefined if it leaves it open. */
function graphSize({ modelTopology }: ModelFiles): number | undefined {
  const nodes = modelTopology['node'] as { op: string; attr?: { shape?: { shape?: { dim?: { size?: string }[] } } } }[] | undefined;
  const size = Number(nodes?.find(({ op }) => op === 'Placeholder')?.attr?.shape?.shape?.dim?.[1]?.size ?? -1);
  return size > 0 ? size : undefined;
}

/**
 * Has `mobilenet.load` load and run the graph, as its users know it; the same files are then turned into layers.
 * Graphs of another size than 224, which the package cannot run, are left to the conversion alone.
 * @throws CultivarError BACKBONE_WEIGHTS if the package cannot run them
 */
export async function loadThroughPackage(files: ModelFiles, version: 1 | 2, alpha: number): Promise<void> {
  if ((graphSize(files) ?? packageSize) !== packageSize) return;
  const { modelTopology, weightSpecs, weightData, location } = files;
  const modelUrl: io.IOHandler = { load: async () => ({ format: 'graph-model', modelTopology, weightSpecs, weightData }) };
  let loaded: unknown;
  try {
    loaded = await load({ version, alpha: alpha as 1, modelUrl, inputRange: [0, 1] });
  } catch (error) {
    const reason = `@tensorflow-models/mobilenet cannot run them (${error instanceof Error ? error.message : String(error)})`;
    throw failure('BACKBONE_WEIGHTS', { name: `mobilenet-v${version}:alpha=${alpha}`, path: location, reason }, error);
  }
  (loaded as { model: GraphModel }).model.dispose();
}
