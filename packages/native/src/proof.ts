/**
 * A program of its own: `node proof.js FOLDER` takes one training step on the native TensorFlow in that folder and
 * prints one JSON line. A library that does not fit the machine ends this process and not the one that asked.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Core from '@tensorflow/tfjs-core';

const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs-core') as typeof Core;
// The gradients of tfjs's operators come with it.
require('@tensorflow/tfjs-layers');
const load = require(join(process.argv[2]!, 'load.cjs')) as (core: typeof Core) => string;

const version = load(tf);
await tf.setBackend('tensorflow');
const kernel = tf.variable(tf.randomNormal([3, 3, 3, 4], 0, 0.3, 'float32', 1)) as Core.Variable<Core.Rank.R4>;
const images = tf.randomUniform<Core.Rank.R4>([2, 16, 16, 3], -1, 1, 'float32', 2);
const loss = () => tf.mean<Core.Scalar>(tf.square(tf.sub(tf.relu(tf.conv2d(images, kernel, 2, 'same')), 0.5)));
const { value, grads } = tf.variableGrads(loss, [kernel]);
const gpu = (tf.backend() as unknown as { isUsingGpuDevice: boolean }).isUsingGpuDevice;
kernel.assign(tf.sub(kernel, tf.mul(Object.values(grads)[0]!, 0.5)));
process.stdout.write(`${JSON.stringify({ version, backend: tf.getBackend(), before: value.dataSync()[0], after: loss().dataSync()[0], gpu })}\n`);
