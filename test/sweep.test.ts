/**
 * One sweep over the catalogue: every contribution of every plugin under `plugins/`, and of the third-party fixture, is held
 * against the conformance checks of its kind. A new plugin is tested by being there.
 */
import './conformance/backend.js';
import '@tensorflow/tfjs-backend-wasm';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { NetworkReader } from '@cultivar/backbone';
import { createKernel } from '@cultivar/kernel';
import { installedNativeTensorFlow, kinds, ModelReader, type Kind } from '@cultivar/sdk';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { readyTensorFlow } from '../plugins/engine-tensorflow/src/backend.js';
import { augmentationChecks } from './conformance/augmentation.js';
import { contributionChecks } from './conformance/contribution.js';
import { engineChecks } from './conformance/engine.js';
import { ensembleChecks } from './conformance/ensemble.js';
import { initializerChecks } from './conformance/initializer.js';
import { layerChecks } from './conformance/layer.js';
import { metricChecks } from './conformance/metric.js';
import { optimizerChecks } from './conformance/optimizer.js';
import { regularizerChecks } from './conformance/regularizer.js';
import { scheduleChecks } from './conformance/schedule.js';
import { similarityChecks } from './conformance/similarity.js';
import { solverChecks } from './conformance/solver.js';
import { strategyChecks } from './conformance/strategy.js';
import type { Checks, Subject } from './conformance/subject.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const plugins = readdirSync(`${root}plugins`)
  .filter((folder) => existsSync(`${root}plugins/${folder}/package.json`))
  .map((folder) => (JSON.parse(readFileSync(`${root}plugins/${folder}/package.json`, 'utf8')) as { name: string }).name);

/** Backbones, callbacks and exporters need weights or a finished run: their own tests and the end-to-end runs have those. */
const checks: Partial<Record<Kind, unknown>> = {
  optimizer: optimizerChecks,
  solver: solverChecks,
  schedule: scheduleChecks,
  initializer: initializerChecks,
  augmentation: augmentationChecks,
  regularizer: regularizerChecks,
  layer: layerChecks,
  strategy: strategyChecks,
  similarity: similarityChecks,
  ensemble: ensembleChecks,
  engine: engineChecks,
  metric: metricChecks,
};
/** What these compute must hold on the backends that people have, as well as on the plain one: native TensorFlow where it is installed. */
const onAllBackends: readonly Kind[] = ['optimizer', 'augmentation', 'regularizer', 'layer'];
const native = (await installedNativeTensorFlow()) !== undefined;
const backends = native ? ['cpu', 'wasm', 'tensorflow'] : ['cpu', 'wasm'];

const kernel = await createKernel({ plugins: [...plugins, './test/fixtures/third-party-plugin'], from: root });
const run = kernel.openRun({ seed: 1, outputFolder: tmpdir(), services: [[ModelReader, new NetworkReader()]] });
afterAll(() => run.dispose());

describe.each(kinds)('%s', (kind) => {
  const entries = kernel.catalogue.list(kind);
  if (entries.length === 0) it('has no contribution yet', () => expect(entries).toEqual([]));
  for (const entry of entries) {
    const subject: Subject<object> = { entry, make: () => run.create<object>(kind, entry.name) };
    const hold = (all: Checks<object>) => {
      for (const [sentence, check] of Object.entries(all)) it(sentence, () => check(subject));
    };
    describe(entry.name, () => {
      hold(contributionChecks);
      const ofKind = checks[kind] as Checks<object> | undefined;
      if (!ofKind) return;
      for (const backend of onAllBackends.includes(kind) ? backends : ['cpu']) {
        describe(`on ${backend}`, () => {
          beforeAll(async () => {
            await (backend === 'tensorflow' ? readyTensorFlow() : tf.setBackend(backend));
          });
          afterAll(() => tf.setBackend('cpu'));
          hold(ofKind);
        });
      }
    });
  }
});
