import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { defaultCacheFolder, meanOverPlaces, type Engine } from '@cultivar/sdk';
import { makeFolder, writeAtomically } from '@cultivar/sdk/internal';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** How fast the engines of a machine train, measured by `cultivar doctor --bench`, and asked when one is chosen. */
export interface EngineSpeeds {
  /** What it was measured on; on any other machine it says nothing. */
  machine: string;
  /** What was measured, in words. */
  work: string;
  /** Images a second, by engine. */
  imagesPerSecond: Record<string, number>;
}

export const thisMachine = (): string => `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores`;

const path = (): string => join(defaultCacheFolder(), 'engine-speeds.json');

/** What was measured on this machine; undefined where nothing was, or it cannot be read. */
export async function readEngineSpeeds(): Promise<EngineSpeeds | undefined> {
  const found = await readFile(path(), 'utf8').then((text): unknown => JSON.parse(text)).catch(() => undefined) as Partial<EngineSpeeds> | undefined;
  if (found?.machine !== thisMachine() || typeof found.imagesPerSecond !== 'object' || typeof found.work !== 'string') return undefined;
  return found as EngineSpeeds;
}

/** @throws CultivarError OUTPUT_WRITE */
export async function writeEngineSpeeds(speeds: EngineSpeeds): Promise<void> {
  await makeFolder(defaultCacheFolder());
  await writeAtomically(path(), [`${JSON.stringify(speeds, null, 2)}\n`]);
}

/**
 * Trains every layer of a network, batch-norm frozen, with a linear head and plain gradient descent at rate 0, so that the
 * weights stay.
 * @param images of one batch
 * @returns images a second, by the median step
 * @throws CultivarError ENGINE_UNSUPPORTED
 */
export async function measureTraining(engine: Engine, model: LayersModel, { images = 16, seconds = 8, size = 224 } = {}): Promise<number> {
  const program = await engine.training!(model, { batchNorm: 'frozen' });
  const width = model.outputs[0]!.shape.at(-1)!;
  const [input, head] = tf.tidy(() => [
    tf.keep(tf.randomUniform([images, size, size, 3], -1, 1, 'float32', 1)),
    tf.variable(tf.randomNormal([width, 10], 0, 0.01, 'float32', 2)),
  ] as const);
  const loss = (features: tf.Tensor): tf.Scalar => {
    const pooled = (features.rank === 4 ? meanOverPlaces(features as tf.Tensor4D) : features) as tf.Tensor2D;
    return tf.neg(tf.mean(tf.logSoftmax(tf.matMul(pooled, head as tf.Tensor as tf.Tensor2D))));
  };
  const step = async (): Promise<number> => {
    const begin = performance.now();
    const { gradients } = await program.lossAndGradients(input, loss, [head]);
    for (const [name, weight] of Object.entries(program.parameters)) tf.tidy(() => weight.assign(tf.sub(weight, tf.mul(gradients[name]!, 0))));
    tf.dispose(gradients);
    return performance.now() - begin;
  };
  try {
    // The first one makes what the others use.
    await step();
    const times: number[] = [];
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end || times.length < 3) times.push(await step());
    times.sort((a, b) => a - b);
    return (1000 * images) / times[times.length >> 1]!;
  } finally {
    tf.dispose([input, head]);
    await program.dispose();
  }
}
