import { numbersOf, type LossAndGradients, type TrainingOptions, type TrainingProgram } from '@cultivar/sdk';
import { collectParameters, flatten, forgetTape, moveStatisticsBy } from '@cultivar/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { loadRuntime, type InferenceSession, type Tensor } from '@cultivar/onnxruntime';
import { groupAt, groupsOf, regroup, type ImageGroups } from './image-groups.js';
import { blockedOrder } from './machine.js';
import { refusalOfLists, roomFor, runAnew, runInPlace, shapesOf, type Tensors } from './in-place.js';
import { TrainingSessions, type ReadyStep } from './sessions.js';
import { StepGradients } from './step-gradients.js';
import { featuresGradientName, featuresName, inputName, writeStep, type TrainingStep } from './write-step.js';

type TensorClass = typeof Tensor;

/** What the forward runs of a batch gave. */
interface Forward {
  ready: ReadyStep;
  groups: ImageGroups;
  input: tf.Tensor;
  numbers: Numbers;
  /** Of each group. */
  results: Tensors[];
}

/** Numbers of tensors for one step: read once where reading takes a copy, and again where they have gone. */
class Numbers {
  private readonly known = new Map<tf.Tensor, Float32Array>();

  of(tensor: tf.Tensor): Float32Array {
    const known = this.known.get(tensor);
    if (known?.length === tensor.size) return known;
    const read = numbersOf(tensor);
    this.known.set(tensor, read);
    return read;
  }
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
    try {
      const { gradients, joined } = await this.backward(forward, head.features);
      if (this.options.batchNorm === 'train') this.moveStatistics(forward);
      return { loss: head.loss, gradients: { ...gradients, ...head.gradients }, ...(joined && { joined }) };
    } catch (error) {
      tf.dispose(head.gradients);
      throw error;
    } finally {
      head.features.dispose();
    }
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
    const forward: Forward = { ready, groups, input, numbers: new Numbers(), results: [] };
    const { room } = ready;
    for (let index = 0; index < groups.count; index++) {
      const made = await this.run(ready.forward, () => this.feeds(forward, index), () => room.forward[index] ?? this.roomFor(ready.forward));
      // Also where there was none: what comes is the room for the next time.
      room.forward[index] = made;
      forward.results.push(made);
    }
    return forward;
  }

  private roomFor(session: InferenceSession): Tensors | undefined {
    const shapes = shapesOf(session);
    return shapes && roomFor(shapes, this.Tensor);
  }

  /**
   * @param feeds among them numbers that lie in tfjs's memory: where that grows before the runtime has begun, they have gone, the runtime
   * refuses them, and they are asked for again
   * @param room for the results, the same; undefined: they come in new memory
   */
  private async run(session: InferenceSession, feeds: () => Tensors, room: () => Tensors | undefined): Promise<Tensors> {
    for (;;) {
      const all = feeds();
      const place = this.refusal === undefined ? undefined : room();
      try {
        if (!place) return await runAnew(session, all);
        await runInPlace(session, all, place, this.refusal!);
        return place;
      } catch (error) {
        if (![...Object.values(all), ...Object.values(place ?? {})].some(isGone)) throw error;
      }
    }
  }

  private feeds({ groups, ready, input, numbers }: Forward, index: number): Tensors {
    const { inputShape, parameters, movingMeans } = ready.step;
    const feeds: Tensors = { [inputName]: this.tensorOf(groupAt(numbers.of(input), index, groups.size, sizeOf(inputShape)), [groups.size, ...inputShape]) };
    for (const [weight, name] of parameters) {
      const variable = this.parameters[weight]!;
      feeds[name] = this.tensorOf(numbers.of(variable as tf.Tensor), variable.shape);
    }
    for (const [name, weight] of movingMeans) feeds[name] = this.tensorOf(numbers.of(weight.read()), weight.shape as number[]);
    return feeds;
  }

  /** Head and loss, in tfjs. @returns the gradients of the features and of the variables; the caller disposes them */
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
      const [features, ...others] = grads as [tf.Tensor, ...tf.Tensor[]];
      const [number] = await value.data();
      value.dispose();
      return { loss: number!, features, gradients: Object.fromEntries(variables.map(({ name }, index) => [name, others[index]!])) };
    } catch (error) {
      forgetTape();
      throw error;
    } finally {
      x.dispose();
    }
  }

  private async backward(forward: Forward, gradient: tf.Tensor): Promise<Pick<LossAndGradients, 'gradients' | 'joined'>> {
    const { ready, groups, numbers, results } = forward;
    const { backward, step, room } = ready;
    const joined = this.options.joinedGradients === true && Object.keys(this.parameters).length > 0;
    const gradients = new StepGradients(this.parameters, step.gradients, joined);
    try {
      for (const index of backward ? results.keys() : []) {
        const { dims } = results[index]![featuresName]!;
        const feeds = (): Tensors => ({
          ...results[index]!, ...this.feeds(forward, index),
          [featuresGradientName]: this.tensorOf(groupAt(numbers.of(gradient), index, groups.size, sizeOf(dims.slice(1))), dims),
        });
        if (index > 0) {
          room.other = await this.run(backward!, feeds, () => room.other ?? this.roomFor(backward!));
          gradients.add(room.other);
          continue;
        }
        ready.gradientShapes ??= shapesOf(backward!);
        let places: Tensors | undefined;
        const made = await this.run(backward!, feeds, () => (places = ready.gradientShapes && roomFor(ready.gradientShapes, this.Tensor, gradients.places())));
        if (made !== places) gradients.set(made);
        ready.gradientShapes ??= Object.fromEntries(Object.entries(made).map(([name, { dims: found }]) => [name, found]));
      }
      return gradients.written();
    } catch (error) {
      gradients.dispose();
      throw error;
    }
  }

  /** The moving variance is that of the population: N / (N - 1) of the batch's. */
  private moveStatistics({ ready: { step }, groups, results: [result] }: Forward): void {
    const numbers = (name: string) => result![name]!.data as Float32Array;
    for (const { layer, mean, variance, places } of step.statistics) {
      const count = groups.size * places;
      moveStatisticsBy(layer, { mean: numbers(mean), variance: numbers(variance).map((value) => (value * count) / Math.max(count - 1, 1)) }, this.options.batchNormMomentum);
    }
  }
}

/** WebAssembly's memory has grown since: what showed its numbers is empty. */
const isGone = ({ data, size }: Tensor): boolean => data.length < size;
