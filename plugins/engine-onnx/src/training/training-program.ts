import { NumberRoom, type LossAndGradients, type TrainingOptions, type TrainingProgram } from '@cultivar/sdk';
import { collectParameters, flatten, forgetTape, moveStatistics, type BatchStatistics } from '@cultivar/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { loadRuntime } from '../runtime.js';
import { GradientSums } from './gradient-sums.js';
import { groupAt, groupsOf, regroup, type ImageGroups } from './image-groups.js';
import { blockedOrder } from './machine.js';
import { refusalOfLists, roomFor, runAnew, runInPlace, type Tensors } from './in-place.js';
import { TrainingSessions, type ReadyStep } from './sessions.js';
import { featuresGradientName, featuresName, inputName, writeStep, type TrainingStep } from './write-step.js';

type TensorClass = typeof Tensor;

/** What the forward runs of a batch gave. */
interface Forward {
  ready: ReadyStep;
  groups: ImageGroups;
  weights: Tensors;
  images: Float32Array;
  /** Of each group. */
  results: Tensors[];
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/**
 * A suffix that trains in ONNX Runtime: a forward run, the head and the loss in tfjs, a backward run. A large batch is taken
 * in groups of images where they do not depend on each other.
 */
export class OnnxTraining implements TrainingProgram {
  private disposed = false;
  /** Of the largest groups that batches were taken in; undefined before the first batch. */
  private groupSize: number | undefined;
  /** Numbers of tfjs's tensors, by the names of the graphs. */
  private readonly numbers = new NumberRoom();

  private constructor(
    readonly parameters: Readonly<Record<string, tf.Variable>>,
    private readonly options: TrainingOptions,
    private readonly outline: TrainingStep,
    private readonly sessions: TrainingSessions,
    private readonly Tensor: TensorClass,
    /** What the runtime says of a list; undefined where results come in new memory. */
    private readonly refusal: string | undefined,
  ) {}

  /** @throws CultivarError ENGINE_UNSUPPORTED naming the layer that cannot be expressed */
  static async create(suffix: LayersModel, options: TrainingOptions, sessionOptions: InferenceSession.SessionOptions): Promise<OnnxTraining> {
    const network = flatten(suffix, 'onnx');
    const parameters = collectParameters(network, options, 'onnx');
    // The blocked order is the CPU's own.
    const onProcessor = sessionOptions.executionProviders?.[0] === 'cpu';
    const block = onProcessor ? await blockedOrder() : 0;
    const refusal = onProcessor ? await refusalOfLists() : undefined;
    const write = (batch: number) => writeStep(network, new Set(Object.keys(parameters)), { ...options, batch, block, inPlace: refusal !== undefined });
    const { Tensor } = await loadRuntime();
    // Written once at least, so that what cannot be expressed is said now.
    return new OnnxTraining(parameters, options, write(1), new TrainingSessions(write, sessionOptions), Tensor, refusal);
  }

  async lossAndGradients(input: tf.Tensor, loss: (features: tf.Tensor) => tf.Scalar, variables: tf.Variable[]): Promise<LossAndGradients> {
    if (this.disposed) throw new Error('this program is disposed');
    const forward = await this.forward(input);
    const head = await this.head(forward, input.shape[0]!, loss, variables);
    const { gradients, joined } = await this.backward(forward, head.features);
    if (this.options.batchNorm === 'train') this.moveStatistics(forward);
    return { loss: head.loss, gradients: { ...gradients, ...head.gradients }, ...(joined && { joined }) };
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.sessions.dispose();
  }

  private tensorOf(numbers: Float32Array, shape: readonly number[]): Tensor {
    return new this.Tensor('float32', numbers, shape);
  }

  private groupsOf(batch: number): ImageGroups {
    if (this.outline.statistics.length > 0) return { size: batch, count: 1 };
    const groups = groupsOf(batch, this.outline.largest);
    if (this.groupSize !== undefined && groups.size <= this.groupSize) return regroup(batch, this.groupSize);
    this.groupSize = groups.size;
    return groups;
  }

  private async forward(input: tf.Tensor): Promise<Forward> {
    const groups = this.groupsOf(input.shape[0]!);
    const ready = await this.sessions.of(groups.size);
    const images = this.numbers.read(inputName, input);
    const weights: Tensors = {};
    for (const [weight, name] of ready.step.parameters) {
      const variable = this.parameters[weight]!;
      weights[name] = this.tensorOf(this.numbers.read(name, variable as tf.Tensor), variable.shape);
    }
    for (const [name, weight] of ready.step.movingMeans) weights[name] = this.tensorOf(this.numbers.read(name, weight.read()), weight.shape as number[]);
    const forward: Forward = { ready, groups, weights, images, results: [] };
    for (let index = 0; index < groups.count; index++) {
      ready.room.forward[index] = await this.run(ready.forward, this.feeds(forward, index), ready.room.forward[index]);
      forward.results.push(ready.room.forward[index]!);
    }
    return forward;
  }

  /** @param room what the same session gave before @param places of results, where there is no such room yet */
  private async run(session: InferenceSession, all: Tensors, room: Tensors | undefined, places?: ReadonlyMap<string, Float32Array>): Promise<Tensors> {
    if (this.refusal === undefined) return runAnew(session, all);
    const place = room ?? roomFor(session, this.Tensor, places);
    // Then what comes is the room for the next time.
    if (!place) return runAnew(session, all);
    await runInPlace(session, all, place, this.refusal);
    return place;
  }

  private feeds({ groups, weights, images, ready }: Forward, index: number): Tensors {
    const shape = [groups.size, ...ready.step.inputShape];
    return { ...weights, [inputName]: this.tensorOf(groupAt(images, index, groups.size, sizeOf(ready.step.inputShape)), shape) };
  }

  /** Head and loss, in tfjs. @returns the gradient of the features as plain numbers, those of the variables as tensors */
  private async head({ results }: Forward, batch: number, loss: (features: tf.Tensor) => tf.Scalar, variables: tf.Variable[]) {
    const x = tf.tidy(() => {
      const parts = results.map(({ [featuresName]: features }) => tf.tensor(features!.data as Float32Array, [...features!.dims]));
      const all = parts.length === 1 ? parts[0]! : tf.concat(parts, 0);
      return all.shape[0] === batch ? all : tf.slice(all, 0, batch);
    });
    try {
      const { value, grads } = tf.tidy(() => {
        const sources = [x, ...(variables as tf.Tensor[])];
        const result = tf.engine().gradients(() => loss(x), sources, undefined, true);
        return { value: result.value, grads: sources.map((source, index) => result.grads[index] ?? tf.zerosLike(source)) };
      });
      const [gradient, ...others] = grads as [tf.Tensor, ...tf.Tensor[]];
      try {
        const [number] = await value.data();
        return { loss: number!, features: this.numbers.read(featuresGradientName, gradient), gradients: Object.fromEntries(variables.map(({ name }, index) => [name, others[index]!])) };
      } finally {
        tf.dispose([value, gradient]);
      }
    } catch (error) {
      forgetTape();
      throw error;
    } finally {
      x.dispose();
    }
  }

  private async backward(forward: Forward, gradient: Float32Array): Promise<Pick<LossAndGradients, 'gradients' | 'joined'>> {
    const { ready, groups, results } = forward;
    const { backward, step, room } = ready;
    const sums = (ready.sums ??= new GradientSums(this.parameters, step.gradients));
    sums.withdraw();
    for (const index of backward ? results.keys() : []) {
      const { dims } = results[index]![featuresName]!;
      const part = this.tensorOf(groupAt(gradient, index, groups.size, sizeOf(dims.slice(1))), dims);
      const [kept, places] = index === 0 ? ['first' as const, sums.places] : ['other' as const, undefined];
      const made = await this.run(backward!, { ...results[index]!, ...this.feeds(forward, index), [featuresGradientName]: part }, room[kept], places);
      room[kept] = made;
      sums.add(made, index === 0);
    }
    if (!this.options.joinedGradients || sums.values.length === 0) return { gradients: sums.apart() };
    return { gradients: {}, joined: sums.joined() };
  }

  /** The moving variance is that of the population: N / (N - 1) of the batch's. */
  private moveStatistics({ ready: { step }, groups, results: [result] }: Forward): void {
    const numbersOf = (name: string) => (result![name]!.data as Float32Array).slice();
    const seen = step.statistics.map(({ layer, mean, variance, places }): BatchStatistics => {
      const count = groups.size * places;
      const unbiased = numbersOf(variance).map((value) => (value * count) / Math.max(count - 1, 1));
      return { layer, mean: tf.tensor1d(numbersOf(mean)), variance: tf.tensor1d(unbiased) };
    });
    moveStatistics(seen, this.options.batchNormMomentum);
  }
}
