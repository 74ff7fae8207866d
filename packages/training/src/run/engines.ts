import type { Kernel, Run } from '@cultivar/kernel';
import {
  failure, isCultivarError, type ContributionReference, type Engine, type InferenceOptions, type InferenceProgram, type Logger,
  type TrainingOptions, type TrainingProgram,
} from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';

interface Ready {
  name: string;
  engine: Engine;
}

/**
 * Fast specialists first, whatever works everywhere last; what third parties bring in between. ONNX Runtime infers faster
 * than TensorFlow; it trains too, and where native TensorFlow is installed that trains: somebody wanted it so.
 */
const orders = { inference: ['onnx', 'tensorflow'], training: ['tensorflow', 'onnx'] };
const rank = (name: string, order: readonly string[]): number => (order.includes(name) ? order.indexOf(name) : name === 'tfjs' ? 3 : 2);

/**
 * The engines that work here, in order of preference. One that cannot express a network hands over to the next, with
 * a printed line.
 */
export class Engines {
  private constructor(private readonly ready: Ready[], private readonly trainers: Ready[], private readonly refusals: string[], private readonly logger: Logger) {}

  /**
   * @param reference `auto`, or the one engine to compute with (training still falls back where it cannot train)
   * @throws CultivarError ENGINE_NONE, CONTRIBUTION_UNKNOWN
   */
  static async open(kernel: Kernel, run: Run, reference: ContributionReference): Promise<Engines> {
    const automatic = reference.name === 'auto' && !kernel.catalogue.has('engine', 'auto');
    const references: (ContributionReference | string)[] = kernel.catalogue.list('engine').map(({ name }) => name).sort((a, b) => rank(a, orders.inference) - rank(b, orders.inference));
    if (!automatic) references.unshift(reference);
    const ready: Ready[] = [];
    const refusals: string[] = [];
    for (const one of references) {
      const name = typeof one === 'string' ? one : one.name;
      if (ready.some((other) => other.name === name)) continue;
      const engine = run.create<Engine>('engine', one);
      const { ok, reasons } = await engine.available();
      if (ok) {
        ready.push({ name, engine });
        run.logger.debug(`Engine ${name}: ${reasons.join('; ')}`);
        continue;
      }
      refusals.push(`${name}: ${reasons.join('; ')}`);
      if (!automatic && one === reference) throw failure('ENGINE_NONE', { reasons: refusals.join(' | ') });
      run.logger.debug(`Engine ${name} does not work here: ${reasons.join('; ')}`);
    }
    if (ready.length === 0) throw failure('ENGINE_NONE', { reasons: refusals.join(' | ') || 'no plugin brings one' });
    const trainers = ready.filter(({ engine }) => engine.training);
    if (automatic) trainers.sort((a, b) => rank(a.name, orders.training) - rank(b.name, orders.training));
    return new Engines(ready, trainers, refusals, run.logger);
  }

  /** The engine that computes. */
  get name(): string {
    return this.ready[0]!.name;
  }

  /** The engine that would train, if any. */
  get trainer(): string | undefined {
    return this.trainers[0]?.name;
  }

  /** @throws CultivarError ENGINE_NONE where none can express the network */
  inference(model: LayersModel, options: InferenceOptions): Promise<InferenceProgram> {
    return this.first(this.ready, ({ engine }) => engine.inference(model, options));
  }

  /** @throws CultivarError ENGINE_NONE where none trains, or none can express the network */
  async training(suffix: LayersModel, options: TrainingOptions): Promise<{ name: string; program: TrainingProgram }> {
    if (this.trainers.length === 0) throw failure('ENGINE_NONE', { reasons: `${this.ready.map(({ name }) => name).join(', ')}: inference only` });
    return this.first(this.trainers, async ({ name, engine }) => ({ name, program: await engine.training!(suffix, options) }));
  }

  private async first<T>(engines: readonly Ready[], attempt: (engine: Ready) => Promise<T>): Promise<T> {
    const reasons = [...this.refusals];
    for (const [index, engine] of engines.entries()) {
      try {
        return await attempt(engine);
      } catch (error) {
        if (!isCultivarError(error) || error.code !== 'ENGINE_UNSUPPORTED') throw error;
        reasons.push(error.message);
        const next = engines[index + 1];
        if (next) this.logger.warn(`${error.message} Engine ${next.name} takes over.`);
      }
    }
    throw failure('ENGINE_NONE', { reasons: reasons.join(' | ') });
  }
}
