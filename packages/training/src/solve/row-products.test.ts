import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import { OnnxEngine } from '@cultivar/engine-onnx';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { distance } from '../../../../test/conformance/instance.js';
import type { Inference } from './engine-multiplier.js';
import { RowProducts } from './row-products.js';

const random = createRandom(0);
const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());

/** Engine onnx, counting the programs that are open. */
class Counted implements Inference {
  private readonly engine = new OnnxEngine();
  open = 0;
  made = 0;

  async inference(...[model, options]: Parameters<Inference['inference']>) {
    const program = await this.engine.inference(model, options);
    this.open += 1;
    this.made += 1;
    return {
      run: program.run.bind(program),
      dispose: async () => {
        this.open -= 1;
        await program.dispose();
      },
    };
  }
}

describe('products of rows', () => {
  it('are the same from an engine, which is asked where they are large', async () => {
    const [rows, width, columns] = [631, 77, 401];
    const features = { data: numbers(rows * width), shape: [rows, width] };
    const [weights, others, residuals] = [numbers(width * columns), numbers(width * columns), numbers(rows * columns)];
    const before = tf.memory().numTensors;
    const engines = new Counted();
    const [plain, computed] = [new RowProducts(features), new RowProducts(features, { engines, columns })];
    const all = (products: RowProducts) => Promise.all([products.times(weights, columns), products.times(others, columns), products.transposedTimes(residuals, columns)]);
    const [expected, found] = [await all(plain), await all(computed)];
    found.forEach((product, index) => {
      expect(product).toHaveLength(expected[index]!.length);
      expect(distance(product, expected[index]!)).toBeLessThan(2e-3);
    });
    expect(engines.made).toBe(2);
    await Promise.all([plain.dispose(), computed.dispose()]);
    expect(engines.open).toBe(0);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('are left to the backend where they are small', async () => {
    const engines = new Counted();
    const products = new RowProducts({ data: numbers(600), shape: [30, 20] }, { engines, columns: 10 });
    expect(await products.times(numbers(200), 10)).toHaveLength(300);
    await products.dispose();
    expect(engines.made).toBe(0);
  });

  it('fail as the engine does, and leave nothing behind', async () => {
    const before = tf.memory().numTensors;
    const engines: Inference = { inference: () => Promise.reject(new Error('no engine')) };
    const products = new RowProducts({ data: numbers(631 * 77), shape: [631, 77] }, { engines, columns: 401 });
    await expect(products.times(numbers(77 * 401), 401)).rejects.toThrow('no engine');
    await products.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
