import type { TensorData } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { meanOf, sideBySide } from '../features/side-by-side.js';
import type { Views } from '../features/views.js';
import { headProbabilities, type Head } from '../head.js';
import type { RunContext } from '../run/run-context.js';
import { scoreOf, type Score } from './score.js';

const batchSize = 32;

/**
 * How the trained stages and a head do, as they are now, on the images that the model is measured with.
 * @param suffix to the pooled features, [B, F]; those of frozen stages come from the views
 */
export async function measure(
  { engines, images, signal }: RunContext, suffix: LayersModel, views: Views, head: Head,
): Promise<{ score: Score; probabilities: TensorData }> {
  const { indices } = images.measured;
  const classes = images.classes.length;
  const data = new Float32Array(indices.length * classes);
  const program = await engines.inference(suffix, {});
  try {
    for (let start = 0; start < indices.length; start += batchSize) {
      signal.throwIfAborted();
      const tables: TensorData[] = [];
      for (let geometry = 0; geometry < views.geometries; geometry += 1) {
        const { inputs, joined } = await views.plain(indices.slice(start, start + batchSize), geometry);
        const [pooled] = await program.run(inputs);
        tables.push(joined ? sideBySide([pooled!, joined]) : pooled!);
      }
      data.set(headProbabilities(head, meanOf(tables)).data, start * classes);
    }
  } finally {
    await program.dispose();
  }
  const probabilities = { data, shape: [indices.length, classes] };
  return { score: scoreOf(probabilities, images.labelsOf(indices)), probabilities };
}
