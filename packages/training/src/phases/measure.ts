import type { TensorData } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { accuracy } from '../evaluation/accuracy.js';
import { logLoss } from '../evaluation/log-loss.js';
import type { Views } from '../features/views.js';
import { headProbabilities } from '../head.js';
import type { RunContext } from '../run/run-context.js';
import type { Score } from './score.js';

const batchSize = 32;

/** How the trained stages and a head do, as they are now, on the images that the model is measured with. */
export async function measure(
  { engines, backbone, images, signal }: RunContext, suffix: LayersModel, views: Views, head: { kernel: TensorData; bias: TensorData },
): Promise<{ score: Score; probabilities: TensorData }> {
  const { indices } = images.measured;
  const top = backbone.stages.at(-1)!;
  const classes = images.classes.length;
  const data = new Float32Array(indices.length * classes);
  const program = await engines.inference(suffix, { outputs: [{ layer: top.output, pool: 'average' }] });
  try {
    for (let start = 0; start < indices.length; start += batchSize) {
      signal.throwIfAborted();
      const [pooled] = await program.run(await views.plain(indices.slice(start, start + batchSize)));
      data.set(headProbabilities({ features: [top.name], ...head }, pooled!).data, start * classes);
    }
  } finally {
    await program.dispose();
  }
  const probabilities = { data, shape: [indices.length, classes] };
  const labels = images.labelsOf(indices);
  return { score: { accuracy: accuracy(probabilities, labels), loss: logLoss(probabilities, labels) }, probabilities };
}
