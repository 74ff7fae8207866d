import {
  Contributions, failure, isCultivarError, Logger, Options, OutputFolder, Progress, Random, RunSignal,
  type ContributionReference, type Kind,
} from '@cultivar/sdk';
import { Container } from '@cultivar/sdk/internal';
import type { Catalogue, CatalogueEntry } from './catalogue.js';
import { createRandom } from './random.js';
import { reasonOf } from './reason.js';
import { silentLogger, silentProgress } from './silence.js';

export interface RunOptions {
  /** Any finite number; everything random in the run follows from it. */
  seed: number;
  /** Absolute path of the folder that the run writes into. */
  outputFolder: string;
  /** Silent when absent. */
  logger?: Logger;
  /** Silent when absent. */
  progress?: Progress;
  /** Never aborts when absent. */
  signal?: AbortSignal;
  /** Further services, by token, that contributions may ask for. */
  services?: readonly (readonly [symbol, unknown])[];
}

interface Disposable {
  dispose(): unknown;
}
const isDisposable = (value: object): value is Disposable => 'dispose' in value && typeof value.dispose === 'function';

/**
 * One run: a child container with what belongs to it. Contributions are made through it, and it disposes those that
 * have a `dispose()` method.
 */
export class Run {
  readonly seed: number;
  readonly outputFolder: string;
  readonly random: Random;
  readonly logger: Logger;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly #catalogue: Catalogue;
  #container: Container | undefined;
  #made: Disposable[] = [];

  constructor(parent: Container, catalogue: Catalogue, options: RunOptions) {
    this.seed = options.seed;
    this.outputFolder = options.outputFolder;
    this.random = createRandom(options.seed);
    this.logger = options.logger ?? silentLogger;
    this.progress = options.progress ?? silentProgress;
    this.signal = options.signal ?? new AbortController().signal;
    this.#catalogue = catalogue;
    this.#container = new Container({ parent });
    const services = new Map<symbol, unknown>([
      [Logger, this.logger],
      [Progress, this.progress],
      [RunSignal, this.signal],
      [OutputFolder, this.outputFolder],
      ...(options.services ?? []),
    ]);
    for (const [token, service] of services) this.#container.bind(token).toConstantValue(service);
  }

  /**
   * Makes a contribution, its options checked and injected, its services injected, its Random a child stream of the
   * run's, named `kind/name`. Each call makes a new instance.
   * @param stream another name for the child stream, where one contribution is used several times and each use is to
   *   draw numbers of its own
   * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID, REFERENCE_SYNTAX, PLUGIN_CONTRIBUTION
   */
  create<Contract extends object>(kind: Kind, reference: ContributionReference | string, stream?: string): Contract {
    return this.#make(kind, reference, this.random, stream) as Contract;
  }

  /** @param random the child stream is one of this */
  #make(kind: Kind, reference: ContributionReference | string, random: Random, stream?: string): object {
    if (!this.#container) throw new Error(`${kind} asked of a run that is disposed`);
    const { entry, options } = this.#catalogue.check(kind, reference);
    const container = new Container({ parent: this.#container });
    const own = random.child(stream ?? `${kind}/${entry.name}`);
    const further: Contributions = { create: <Part extends object>(of: Kind, part: ContributionReference | string) => this.#make(of, part, own) as Part };
    container.bind(Options).toConstantValue(options);
    container.bind(Random).toConstantValue(own);
    container.bind(Contributions).toConstantValue(further);
    let instance: object;
    try {
      instance = container.get<object>(entry.contribution);
    } catch (error) {
      throw isCultivarError(error) ? error : unmade(entry, error);
    }
    if (isDisposable(instance)) this.#made.push(instance);
    return instance;
  }

  /** Disposes what was made, last first, each even if another fails. A second call does nothing. */
  async dispose(): Promise<void> {
    const made = this.#made.reverse();
    const container = this.#container;
    this.#made = [];
    this.#container = undefined;
    const faults: unknown[] = [];
    for (const one of made) {
      try {
        await one.dispose();
      } catch (error) {
        faults.push(error);
      }
    }
    container?.unbindAll();
    if (faults.length === 1) throw faults[0];
    if (faults.length > 1) throw new AggregateError(faults, `${faults.length} contributions could not be disposed`);
  }
}

/** inversify tells of a missing service in several lines; the user needs its name. */
function unmade(entry: CatalogueEntry, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const service = /No bindings found for service: "(.+?)"/.exec(message)?.[1]?.replace(/^Symbol\((.*)\)$/, '$1');
  const reason = service ? `it asks for the service ${service}, which this run does not offer` : `it cannot be made (${reasonOf(error)})`;
  return failure('PLUGIN_CONTRIBUTION', { name: entry.name, plugin: entry.plugin, reason }, error);
}
