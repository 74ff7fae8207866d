import type { LossAndGradients, TrainingOptions, TrainingProgram } from '@cultivar/sdk';
import { collectParameters, flatten, forgetTape, moveStatistics, type BatchStatistics } from '@cultivar/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../onnx/encode.js';
import { loadRuntime } from '../runtime.js';
import { featuresGradientName, featuresName, inputName, writeStep, type TrainingStep } from './write-step.js';

type Tensors = Record<string, Tensor>;
type TensorClass = typeof Tensor;

/** A copy: the runtime gives its own memory back. */
const numbersOf = (tensor: Tensor): Float32Array => (tensor.data as Float32Array).slice();

/**
 * A suffix that trains in ONNX Runtime: a forward run, the head and the loss in tfjs, a backward run. What the forward
 * run keeps goes to the backward run as it lies in the runtime's memory.
 */
export class OnnxTraining implements TrainingProgram {
  private disposed = false;

  private constructor(
    readonly parameters: Readonly<Record<string, tf.Variable>>,
    private readonly options: TrainingOptions,
    private readonly step: TrainingStep,
    private readonly sessions: { forward: InferenceSession; backward?: InferenceSession },
    private readonly Tensor: TensorClass,
  ) {}

  /** @throws CultivarError ENGINE_UNSUPPORTED naming the layer that cannot be expressed */
  static async create(suffix: LayersModel, options: TrainingOptions, sessionOptions: InferenceSession.SessionOptions): Promise<OnnxTraining> {
    const network = flatten(suffix, 'onnx');
    const parameters = collectParameters(network, options, 'onnx');
    const step = writeStep(network, new Set(Object.keys(parameters)), options);
    const { InferenceSession: Session, Tensor } = await loadRuntime();
    const forward = await Session.create(encodeModel(step.forward), sessionOptions);
    const backward = step.gradients.size > 0 ? await Session.create(encodeModel(step.backward), sessionOptions) : undefined;
    return new OnnxTraining(parameters, options, step, { forward, backward }, Tensor);
  }

  async lossAndGradients(input: tf.Tensor, loss: (features: tf.Tensor) => tf.Scalar, variables: tf.Variable[]): Promise<LossAndGradients> {
    if (this.disposed) throw new Error('this program is disposed');
    const feeds = await this.feeds(input);
    const results = (await this.sessions.forward.run(feeds)) as Tensors;
    let gradients: Tensors = {};
    try {
      const head = await this.head(results[featuresName]!, loss, variables);
      gradients = await this.backward(feeds, results, head.features);
      if (this.options.batchNorm === 'train') this.moveStatistics(results);
      return { loss: head.loss, gradients: { ...this.collect(gradients), ...head.gradients } };
    } finally {
      for (const tensor of [...Object.values(results), ...Object.values(gradients)]) tensor.dispose();
    }
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.sessions.forward.release();
    await this.sessions.backward?.release();
  }

  private tensorOf(numbers: Float32Array, shape: readonly number[]): Tensor {
    return new this.Tensor('float32', numbers, shape);
  }

  private async feeds(input: tf.Tensor): Promise<Tensors> {
    const feeds: Tensors = { [inputName]: this.tensorOf(await input.data<'float32'>(), input.shape) };
    for (const [weight, name] of this.step.parameters) {
      const variable = this.parameters[weight]!;
      feeds[name] = this.tensorOf(await variable.data<'float32'>(), variable.shape);
    }
    return feeds;
  }

  /** Head and loss, in tfjs. @returns the gradient of the features as plain numbers, those of the variables as tensors */
  private async head(features: Tensor, loss: (features: tf.Tensor) => tf.Scalar, variables: tf.Variable[]) {
    const x = tf.tensor(numbersOf(features), [...features.dims]);
    try {
      const { value, grads } = tf.tidy(() => {
        const sources = [x, ...(variables as tf.Tensor[])];
        const result = tf.engine().gradients(() => loss(x), sources, undefined, true);
        return { value: result.value, grads: sources.map((source, index) => result.grads[index] ?? tf.zerosLike(source)) };
      });
      const [gradient, ...others] = grads as [tf.Tensor, ...tf.Tensor[]];
      try {
        const [number] = await value.data();
        return { loss: number!, features: await gradient.data<'float32'>(), gradients: Object.fromEntries(variables.map(({ name }, index) => [name, others[index]!])) };
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

  private async backward(feeds: Tensors, results: Tensors, gradient: Float32Array): Promise<Tensors> {
    const { backward } = this.sessions;
    if (!backward) return {};
    const all: Tensors = { ...feeds, ...results, [featuresGradientName]: this.tensorOf(gradient, results[featuresName]!.dims) };
    return (await backward.run(Object.fromEntries(backward.inputNames.map((name) => [name, all[name]!])))) as Tensors;
  }

  private collect(gradients: Tensors): Record<string, tf.Tensor> {
    return Object.fromEntries(Object.entries(this.parameters).map(([weight, variable]) => {
      const output = this.step.gradients.get(weight);
      if (output === undefined) return [weight, tf.zerosLike(variable as tf.Tensor)];
      return [weight, tf.tensor(numbersOf(gradients[output]!), variable.shape)];
    }));
  }

  /** The moving variance is that of the population: N / (N - 1) of the batch's. */
  private moveStatistics(results: Tensors): void {
    const batch = results[featuresName]!.dims[0]!;
    const seen = this.step.statistics.map(({ layer, mean, variance, places }): BatchStatistics => {
      const count = batch * places;
      const unbiased = numbersOf(results[variance]!).map((value) => (value * count) / Math.max(count - 1, 1));
      return { layer, mean: tf.tensor1d(numbersOf(results[mean]!)), variance: tf.tensor1d(unbiased) };
    });
    moveStatistics(seen, this.options.batchNormMomentum);
  }
}
