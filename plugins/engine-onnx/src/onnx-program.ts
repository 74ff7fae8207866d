import { availableParallelism } from 'node:os';
import type { InferenceOptions, InferenceProgram, TensorData } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { encodeModel } from './onnx/encode.js';
import { inputName, lowerNetwork, outputName, readNetwork, type CapturedNetwork } from './lowering/lower.js';
import { loadRuntime, type InferenceSession } from '@cultivar/onnxruntime';

type InputType = 'uint8' | 'float';

export interface RuntimeOptions {
  /** The execution provider asked before the CPU's. */
  provider?: string;
  /** Threads of one session; all cores when absent. */
  threads?: number;
  /** Whether threads burn their core while they wait for work. */
  spinning: boolean;
}

export const sessionOptions = ({ provider = 'cpu', threads, spinning }: RuntimeOptions): InferenceSession.SessionOptions => ({
  executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
  intraOpNumThreads: threads ?? availableParallelism(),
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  // Errors only: warnings about unused constants and the like go to stderr past our logger.
  logSeverityLevel: 3,
  // Its fusion of Pad and MaxPool takes zeros for nothing: the largest of a padded window of negative numbers is 0, not one of them.
  extra: { optimization: { disable_specified_optimizers: 'Pad_Fusion' }, session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
});

/** A network as ONNX Runtime sessions: one for batches of bytes, one for batches of floats, each made when first needed. */
export class OnnxProgram implements InferenceProgram {
  private readonly sessions = new Map<InputType, Promise<InferenceSession>>();
  private readonly running = new Set<Promise<unknown>>();
  private disposed = false;

  private constructor(
    private readonly network: CapturedNetwork,
    private readonly options: InferenceOptions,
    private readonly runtime: RuntimeOptions,
  ) {}

  /** @throws CultivarError ENGINE_UNSUPPORTED naming the layer it cannot express */
  static async create(model: LayersModel, options: InferenceOptions, runtime: RuntimeOptions): Promise<OnnxProgram> {
    const program = new OnnxProgram(readNetwork(model, options), options, runtime);
    await program.session(options.normalisation ? 'uint8' : 'float');
    return program;
  }

  private session(input: InputType): Promise<InferenceSession> {
    let session = this.sessions.get(input);
    if (!session) {
      session = this.open(input);
      this.sessions.set(input, session);
    }
    return session;
  }

  private async open(input: InputType): Promise<InferenceSession> {
    const { InferenceSession: Session } = await loadRuntime();
    return Session.create(encodeModel(lowerNetwork(this.network, { ...this.options, input })), sessionOptions(this.runtime));
  }

  async run(batch: TensorData<Uint8Array> | TensorData<Float32Array>): Promise<TensorData[]> {
    if (this.disposed) throw new Error('this program is disposed');
    const running = this.compute(batch);
    this.running.add(running);
    try {
      return await running;
    } finally {
      this.running.delete(running);
    }
  }

  private async compute(batch: TensorData<Uint8Array> | TensorData<Float32Array>): Promise<TensorData[]> {
    const { Tensor } = await loadRuntime();
    const bytes = batch.data instanceof Uint8Array;
    const session = await this.session(bytes ? 'uint8' : 'float');
    const input = batch.data instanceof Uint8Array ? new Tensor('uint8', batch.data, batch.shape) : new Tensor('float32', batch.data, batch.shape);
    const results = await session.run({ [inputName]: input });
    return this.network.outputs.map((_, index) => {
      const result = results[outputName(index)]!;
      // The runtime's tensor is a view of its own memory, given back when the tensor goes: what we return is a copy.
      const data = (result.data as Float32Array).slice();
      const shape = [...result.dims];
      result.dispose();
      return { data, shape };
    });
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await Promise.allSettled(this.running);
    const sessions = await Promise.allSettled(this.sessions.values());
    this.sessions.clear();
    for (const session of sessions) if (session.status === 'fulfilled') await session.value.release();
  }
}
