import { describe, expect, it } from '@jest/globals';
import { collectParameters, flatten } from '@cultivar/engine';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { encodeModel } from '../onnx/encode.js';
import { int, OnnxGraph } from '../onnx/graph.js';
import { loadRuntime, type Tensor } from '@cultivar/onnxruntime';
import { randomNetwork } from '../testing/random-network.js';
import { randomInput } from '../testing/training-agreement.js';
import { refusalOfLists, roomFor, runAnew, runInPlace, shapesOf, withList } from './in-place.js';
import { featuresGradientName, featuresName, inputName, writeStep } from './write-step.js';

const { InferenceSession: Session, Tensor: RuntimeTensor } = await loadRuntime();
const options = { executionProviders: ['cpu'], logSeverityLevel: 4 } as const;
const tensor = (numbers: ArrayLike<number>, shape: readonly number[]): Tensor => new RuntimeTensor('float32', Float32Array.from(numbers), shape);
const refusal = await refusalOfLists();

describe('results in place', () => {
  it('are what this version of the runtime is able to give', () => {
    expect(refusal).toMatch(/./);
  });

  it('come to stand in the same room, run after run, and other failures are thrown', async () => {
    const graph = new OnnxGraph();
    graph.inputs.push({ name: 'x', type: 'float' });
    graph.outputs.push({ name: graph.add('Concat', ['x', 'x'], { axis: int(0) }, 'twice'), type: 'float', shape: [4] });
    withList(graph);
    const session = await Session.create(encodeModel(graph), options);
    const room = roomFor(shapesOf(session)!, RuntimeTensor);
    const { data } = room['twice']!;
    for (const numbers of [[1, 2], [3, -4]]) {
      await runInPlace(session, { x: tensor(numbers, [2]) }, room, refusal!);
      expect([...(data as Float32Array)]).toEqual([...numbers, ...numbers]);
    }
    expect([...((await runAnew(session, { x: tensor([5, 6], [2]) }))['twice']!.data as Float32Array)]).toEqual([5, 6, 5, 6]);
    expect([...(data as Float32Array)]).toEqual([3, -4, 3, -4]);
    await expect(runInPlace(session, { x: tensor([1, 2, 3], [3]) }, room, refusal!)).rejects.toThrow();
    await session.release();
  });

  it('come to stand in parts of one array, wherever they begin in it, and nothing beside them is touched', async () => {
    const graph = new OnnxGraph();
    const sizes = [1, 3, 64, 5, 1000, 7];
    graph.inputs.push({ name: 'x', type: 'float' });
    sizes.forEach((size, index) => {
      graph.constants.set(`factor${index}`, { data: Float32Array.from({ length: size }, (_, place) => index + place + 1), dimensions: [size] });
      graph.outputs.push({ name: graph.add('Mul', ['x', `factor${index}`], {}, `part${index}`), type: 'float', shape: [size] });
    });
    withList(graph);
    const session = await Session.create(encodeModel(graph), options);
    // One number of somebody else's in front, one between each two, one behind.
    const all = new Float32Array(1 + sizes.reduce((sum, size) => sum + size + 1, 0)).fill(-1);
    let end = 0;
    const places = new Map(sizes.map((size, index) => [`part${index}`, all.subarray(end + 1, (end += size + 1))]));
    const room = roomFor(shapesOf(session)!, RuntimeTensor, places);
    for (const factor of [2, -3]) {
      await runInPlace(session, { x: tensor([factor], [1]) }, room, refusal!);
      expect([...all]).toEqual([...sizes.flatMap((size, index) => [-1, ...Array.from({ length: size }, (_, place) => factor * (index + place + 1))]), -1]);
    }
    await session.release();
  });

  it.each(['frozen', 'train'] as const)('a step that hands over what is costly gives the gradients of one that computes it again: batch-norm %s', async (batchNorm) => {
    let handedOver = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const model = randomNetwork(seed, { wholeBatchNorm: true, dropout: false, averagePoolingPads: false });
      const network = flatten(model, 'onnx');
      const parameters = collectParameters(network, { batchNorm }, 'onnx');
      const input = randomInput(model, 2, seed);
      const results: Record<string, number[]>[] = [];
      for (const inPlace of Object.keys(parameters).length > 0 ? [false, true] : []) {
        const step = writeStep(network, new Set(Object.keys(parameters)), { batchNorm, batch: 2, block: 0, inPlace });
        if (inPlace) handedOver += step.kept.length;
        const weights = Object.fromEntries([...step.parameters].map(([weight, name]) => [name, tensor(parameters[weight]!.dataSync(), parameters[weight]!.shape)]));
        const feeds = { ...weights, [inputName]: tensor(input.dataSync(), input.shape) };
        const forward = await Session.create(encodeModel(step.forward), options);
        const backward = await Session.create(encodeModel(step.backward), options);
        const made = await runAnew(forward, feeds);
        const features = made[featuresName]!;
        const gradient = tensor(Array.from(features.data as Float32Array, (value, index) => Math.sin(index) + value), features.dims);
        const gradients = await runAnew(backward, { ...made, ...feeds, [featuresGradientName]: gradient });
        results.push(Object.fromEntries([...step.gradients].map(([weight, name]) => [weight, [...(gradients[name]!.data as Float32Array)]])));
        await forward.release();
        await backward.release();
      }
      const [again, kept] = results;
      for (const [weight, numbers] of Object.entries(again ?? {})) {
        const largest = Math.max(...numbers.map(Math.abs), 1e-6);
        const apart = Math.max(...numbers.map((value, index) => Math.abs(value - kept![weight]![index]!)));
        expect({ seed, weight, close: apart <= 1e-5 * largest }).toEqual({ seed, weight, close: true });
      }
      input.dispose();
      model.dispose();
    }
    expect(handedOver).toBeGreaterThan(20);
    expect(tf.memory().numTensors).toBe(0);
  });
});
