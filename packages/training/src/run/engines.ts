import type { Kernel, Run } from '@cultivar/kernel';
import { figure, failure, isCultivarError, type ContributionReference, type Engine, type InferenceOptions, type InferenceProgram,
  type TrainingOptions, type TrainingProgram, } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { readEngineSpeeds } from './engine-speeds.js';

interface Ready {
  name: string;
  engine: Engine;
}

/**
 * Fast specialists first, whatever works everywhere last; what third parties bring in between. ONNX Runtime infers faster
 * than TensorFlow; it trains too, and where native TensorFlow is installed that trains: somebody wanted it so.
 */
const orders: Record<'inference' | 'training', readonly string[]> = { inference: ['onnx', 'tensorflow'], training: ['tensorflow', 'onnx'] };
const circumstances: Readonly<Record<string, string>> = { tensorflow: 'native TensorFlow is installed', onnx: 'native TensorFlow is not installed' };
const rank = (name: string, order: readonly string[]): number => (order.includes(name) ? order.indexOf(name) : name === 'tfjs' ? 3 : 2);

/**
 * The engines that work here, in order of preference. One that cannot express a network hands over to the next, with
 * a printed line.
 */
export class Engines {
  private readonly ready: Ready[] = [];
  private readonly refusals: string[] = [];
  private trainers: Ready[] = [];
  private reason = 'it was asked for';

  private constructor(private readonly run: Run, private readonly untried: (ContributionReference | string)[], private readonly asked?: ContributionReference) {}

  /**
   * @param reference `auto`, or the one engine to compute with (training still falls back where it cannot train)
   * @param need for `inference` alone, an engine is not even asked whether it works before those that are preferred have refused: asked, it
   *   may start what is heard of elsewhere in the process
   * @throws CultivarError ENGINE_NONE, CONTRIBUTION_UNKNOWN
   */
  static async open(kernel: Kernel, run: Run, reference: ContributionReference, need: 'training' | 'inference' = 'training'): Promise<Engines> {
    const automatic = reference.name === 'auto' && !kernel.catalogue.has('engine', 'auto');
    const references: (ContributionReference | string)[] = kernel.catalogue.list('engine').map(({ name }) => name).sort((a, b) => rank(a, orders.inference) - rank(b, orders.inference));
    if (!automatic) references.unshift(reference);
    const engines = new Engines(run, references, automatic ? undefined : reference);
    if (!(await engines.admitNext())) throw failure('ENGINE_NONE', { reasons: engines.refusals.join(' | ') || 'no plugin brings one' });
    if (need === 'inference') return engines;
    while (await engines.admitNext()) {
      // Until all were asked.
    }
    await engines.orderTrainers(automatic);
    return engines;
  }

  /** @returns the next engine that works here; undefined where there is none left */
  private async admitNext(): Promise<Ready | undefined> {
    for (let one = this.untried.shift(); one !== undefined; one = this.untried.shift()) {
      const name = typeof one === 'string' ? one : one.name;
      if (this.ready.some((other) => other.name === name)) continue;
      const engine = this.run.create<Engine>('engine', one);
      const { ok, reasons } = await engine.available();
      if (ok) {
        const admitted = { name, engine };
        this.ready.push(admitted);
        this.run.logger.debug(`Engine ${name}: ${reasons.join('; ')}`);
        return admitted;
      }
      this.refusals.push(`${name}: ${reasons.join('; ')}`);
      if (one === this.asked) throw failure('ENGINE_NONE', { reasons: this.refusals.join(' | ') });
      this.run.logger.debug(`Engine ${name} does not work here: ${reasons.join('; ')}`);
    }
    return undefined;
  }

  private async orderTrainers(automatic: boolean): Promise<void> {
    this.trainers = this.ready.filter(({ engine }) => engine.training);
    if (!automatic) return;
    this.trainers.sort((a, b) => rank(a.name, orders.training) - rank(b.name, orders.training));
    this.reason = await byMeasuredSpeed(this.trainers) ?? circumstances[this.trainers[0]?.name ?? ''] ?? 'no other engine can train here';
  }

  /** The engine that computes. */
  get name(): string {
    return this.ready[0]!.name;
  }

  /** The engine that would train, if any. */
  get trainer(): string | undefined {
    return this.trainers[0]?.name;
  }

  /** Why that one, for the log. */
  get trainerReason(): string {
    return this.reason;
  }

  /** @throws CultivarError ENGINE_NONE where none can express the network */
  inference(model: LayersModel, options: InferenceOptions): Promise<InferenceProgram> {
    return this.first(this.ready, ({ engine }) => engine.inference(model, options));
  }

  /** Has tensors computed where they will be computed while the engine trains that would; how fast that is may differ by times. */
  async activateTrainer(): Promise<void> {
    await this.trainers[0]?.engine.activate?.();
  }

  /** @throws CultivarError ENGINE_NONE where none trains, or none can express the network */
  async training(suffix: LayersModel, options: TrainingOptions): Promise<{ name: string; program: TrainingProgram }> {
    if (this.trainers.length === 0) throw failure('ENGINE_NONE', { reasons: `${this.ready.map(({ name }) => name).join(', ')}: inference only` });
    const chosen = await this.first(this.trainers, async ({ name, engine }) => ({ name, program: await engine.training!(suffix, options) }));
    if (chosen.name === this.trainer) this.run.logger.info(`Engine ${chosen.name} trains: ${this.reason}.`);
    return chosen;
  }

  private async first<T>(engines: readonly Ready[], attempt: (engine: Ready) => Promise<T>): Promise<T> {
    const reasons: string[] = [];
    for (let index = 0, engine = engines[0]; engine !== undefined; index += 1) {
      try {
        return await attempt(engine);
      } catch (error) {
        if (!isCultivarError(error) || error.code !== 'ENGINE_UNSUPPORTED') throw error;
        reasons.push(error.message);
        engine = engines[index + 1] ?? await this.admitNext();
        if (engine) this.run.logger.warn(`${error.message} Engine ${engine.name} takes over.`);
      }
    }
    throw failure('ENGINE_NONE', { reasons: [...this.refusals, ...reasons].join(' | ') });
  }
}

/** Puts the engines whose speed on this machine is known in the order of it, before all others. @returns why, in words, where two or more are */
async function byMeasuredSpeed(trainers: Ready[]): Promise<string | undefined> {
  const speeds = await readEngineSpeeds();
  const speed = ({ name }: Ready): number => speeds?.imagesPerSecond[name] ?? 0;
  const known = trainers.filter((one) => speed(one) > 0).sort((a, b) => speed(b) - speed(a));
  if (known.length < 2) return undefined;
  trainers.splice(0, trainers.length, ...known, ...trainers.filter((one) => !known.includes(one)));
  const figures = known.map((one) => `${one.name} ${figure(speed(one), 1)}`).join(', ');
  return `measured here by npx cultivar doctor --bench, images a second: ${figures}`;
}
