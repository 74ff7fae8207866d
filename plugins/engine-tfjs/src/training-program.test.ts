import { beforeAll, describe, expect, it } from '@jest/globals';
import { smallNetwork } from '../../../test/conformance/networks.js';
import { describeTraining, step } from '../../../test/conformance/training.js';
import { readyBackend, type BackendName } from './backend.js';
import { TfjsEngine } from './tfjs-engine.js';

const engine = new TfjsEngine();
const backends: BackendName[] = ['cpu', 'wasm'];

beforeAll(async () => {
  for (const backend of backends) expect((await readyBackend(backend)).name).toBe(backend);
});

for (const backend of backends) describeTraining(backend, engine, { ready: () => readyBackend(backend) });

describe('both backends', () => {
  it.each(['frozen', 'train'] as const)('give the same gradients within 1e-4: batch-norm %s', async (batchNorm) => {
    const results = [];
    for (const backend of backends) {
      await readyBackend(backend);
      const model = smallNetwork();
      results.push(await step(engine, model, { batchNorm, batchNormMomentum: 0.9 }));
      model.dispose();
    }
    const [cpu, wasm] = results as [Awaited<ReturnType<typeof step>>, Awaited<ReturnType<typeof step>>];
    expect(Math.abs(cpu.loss - wasm.loss)).toBeLessThan(1e-5);
    for (const [name, values] of Object.entries(cpu.gradients)) {
      expect(Math.max(...values.map((value, index) => Math.abs(value - wasm.gradients[name]![index]!)))).toBeLessThan(1e-4);
    }
  });
});
