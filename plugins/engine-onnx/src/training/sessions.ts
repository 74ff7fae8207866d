import { encodeModel } from '../onnx/encode.js';
import type { OnnxGraph } from '../onnx/graph.js';
import { loadRuntime, type InferenceSession } from '@cultivar/onnxruntime';
import type { Shapes, Tensors } from './in-place.js';
import type { TrainingStep } from './write-step.js';

/** A step that is ready to run, for batches of one size. */
export interface ReadyStep {
  step: TrainingStep;
  forward: InferenceSession;
  /** Missing where nothing trains. */
  backward?: InferenceSession;
  /** Room for the results, once there is any: of the forward run of each group of images, and of the backward run of all but the first. */
  room: { forward: Tensors[]; other?: Tensors };
  /** Of the gradients, once they are known. */
  gradientShapes?: Shapes;
}

/** Batch sizes that are kept ready: that of an epoch, and that of its last batch. */
const limit = 2;

/** The sessions of one network by batch size, each made when first needed. */
export class TrainingSessions {
  private readonly ready = new Map<number, Promise<ReadyStep>>();

  /** Laid out in advance, the memory of a step comes on top of that of the first one: without, a frozen step of MobileNetV2 at 224 px, batch 16, peaks at 0.7 GB. */
  private readonly options: InferenceSession.SessionOptions;

  constructor(private readonly write: (batch: number) => TrainingStep, options: InferenceSession.SessionOptions) {
    this.options = { ...options, enableMemPattern: false };
  }

  async of(batch: number): Promise<ReadyStep> {
    const known = this.ready.get(batch);
    if (known) return known;
    const made = this.make(batch);
    this.ready.set(batch, made);
    const [oldest] = this.ready.keys();
    if (this.ready.size > limit) {
      const old = this.ready.get(oldest!)!;
      this.ready.delete(oldest!);
      await release(old);
    }
    return made;
  }

  async dispose(): Promise<void> {
    const all = [...this.ready.values()];
    this.ready.clear();
    for (const ready of all) await release(ready);
  }

  private async make(batch: number): Promise<ReadyStep> {
    const step = this.write(batch);
    const { InferenceSession: Session } = await loadRuntime();
    const forward = await Session.create(encodeModel(step.forward), this.options);
    shapeInputs(step.backward, forward);
    const backward = step.gradients.size > 0 ? await Session.create(encodeModel(step.backward), this.options) : undefined;
    return { step, forward, backward, room: { forward: [] } };
  }
}

/** Tells the backward graph the shapes of what the forward run hands over: the runtime writes results over operands only where it knows that they are of one shape (a tenth of the backward run). */
function shapeInputs(backward: OnnxGraph, forward: InferenceSession): void {
  const known = new Map(forward.outputMetadata.flatMap((port) => (port.isTensor && port.shape.every((size) => typeof size === 'number') ? [[port.name, [...port.shape] as number[]] as const] : [])));
  for (const input of backward.inputs) input.shape ??= known.get(input.name);
}

async function release(made: Promise<ReadyStep>): Promise<void> {
  const { forward, backward } = await made;
  await forward.release();
  await backward?.release();
}
