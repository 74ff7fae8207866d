import type { Augmentation, ContributionReference, TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { logLoss } from '../evaluation/log-loss.js';
import { meanOf, sideBySide } from '../features/side-by-side.js';
import { headProbabilities, type Head } from '../head.js';
import type { RunContext } from '../run/run-context.js';

/** Training images that are looked at: enough to tell a log-loss from its double. */
const enough = 160;
const batchSize = 32;

/** Mean log-loss of a head on augmented copies of some training images, one of each, in every geometry that is in use. The backbone is as it is. */
export async function lossOnCopies({ run, backbone, engines, images, features, signal }: RunContext, head: Head, reference: ContributionReference): Promise<number> {
  const random = run.random.child('augmentations').child(reference.name);
  const augmentation = run.create<Augmentation>('augmentation', reference, `augmentation/choice/${reference.name}`);
  const drawn = random.child('images').permutation(images.train.length).slice(0, enough).map((position) => images.train[position]!);
  const layers = head.features.map((name) => backbone.stages.find((stage) => stage.name === name)!.output);
  const program = await engines.inference(backbone.model, { normalisation: backbone.input, outputs: layers.map((layer) => ({ layer, pool: 'average' as const })) });
  let sum = 0;
  try {
    for (let start = 0; start < drawn.length; start += batchSize) {
      signal.throwIfAborted();
      const indices = drawn.slice(start, start + batchSize);
      const looks: TensorData[] = [];
      for (let geometry = 0; geometry < features.geometries; geometry += 1) {
        const copies = augmented(await images.canvases[geometry]!.batch(indices), augmentation, random.child(start).child(geometry), images.classes.length);
        looks.push(sideBySide(await program.run(copies)));
      }
      sum += indices.length * logLoss(headProbabilities(head, meanOf(looks)), images.labelsOf(indices));
    }
  } finally {
    await program.dispose();
  }
  return sum / drawn.length;
}

/** @returns values 0..1 */
function augmented({ data, shape }: TensorData<Uint8Array>, augmentation: Augmentation, random: Parameters<Augmentation['apply']>[1], classes: number): TensorData {
  const result = tf.tidy(() => {
    const batch = tf.div(tf.tensor4d(Float32Array.from(data), shape as [number, number, number, number]), 255) as tf.Tensor4D;
    augmentation.prepare?.(batch);
    return augmentation.apply({ images: batch, targets: tf.zeros([shape[0]!, classes]) as tf.Tensor2D }, random).images;
  });
  try {
    return { data: result.dataSync<'float32'>(), shape };
  } finally {
    result.dispose();
  }
}
