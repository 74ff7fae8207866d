import { NetworkReader, prepareBackbone, restoreWeights } from '@cultivar/backbone';
import { scanDataset } from '@cultivar/data';
import { createRandom, type Kernel, type Run } from '@cultivar/kernel';
import { failure, ModelReader, type Assessment, type Backbone, type Callback, type Regularizer, type Solver, type Strategy } from '@cultivar/sdk';
import { resolve } from 'node:path';
import { recordOf } from './bundle/request-record.js';
import { assess } from './assessment.js';
import { ImageSet } from './features/image-set.js';
import { compareGeometries } from './features/compare-geometries.js';
import { lastOfEachResolution, PooledFeatures } from './features/pooled-features.js';
import { finish, finishedResult } from './finish.js';
import { augmentationReferences } from './phases/augmentations.js';
import { runSolvePhase } from './phases/solve-phase.js';
import { snapshotsAreWhole } from './phases/snapshots.js';
import { runTrainPhase } from './phases/train-phase.js';
import type { Made } from './made.js';
import { makePlan } from './plan.js';
import { checkRequest, withDefaults, type FullRequest, type TrainingRequest, type TrainingServices } from './request.js';
import type { TrainingResult } from './result.js';
import { loadCheckpoint, saveCheckpoint } from './run/checkpoint.js';
import { Engines } from './run/engines.js';
import { featureFingerprint, fingerprint } from './run/fingerprint.js';
import { keepFeatures, takeFeatures } from './run/kept-features.js';
import { asGuest } from './run/on-backend.js';
import { clearState, prepareOutput, stateFolder } from './run/output-folder.js';
import { use, warn, type RunContext } from './run/run-context.js';
import { beginning } from './run/run-state.js';
import { askedFor, whyUnused, type SettingName } from './run/setting-use.js';
import { saveUnfinished } from './run/unfinished.js';
import { versions } from './run/versions.js';
import { unusedWarnings } from './warnings.js';

/**
 * One run, from a folder of images to a bundle: scan, split, assessment, plan, phases, evaluation.
 * @throws CultivarError, with a code of the catalogue, for whatever the caller can mend; RUN_ABORTED when the signal aborts:
 *   the run can then be resumed, and its best model so far lies in `<out>/.run/best`
 */
export async function train(kernel: Kernel, request: TrainingRequest, services: TrainingServices): Promise<TrainingResult> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const full = { ...withDefaults(request), out: resolve(request.out) };
  checkRequest(kernel, full);
  const output = await prepareOutput(full.out, full.resume);
  const asked = askedFor(request);
  const { logger, progress, signal } = services;
  if (output.state === 'finished') return finishedResult(full, recordOf(kernel.catalogue, full, { initializer: asked.includes('initializer') }), services);

  const run = kernel.openRun({ seed: full.seed, outputFolder: full.out, logger, progress, signal, services: [[ModelReader, new NetworkReader({ logger, progress, signal })]] });
  const progressMade = { worthKeeping: output.state === 'begun' };
  let unwanted = false;
  try {
    return await asGuest((backend) => perform(kernel, run, full, { ...services, asked }, backend, seconds, progressMade));
  } catch (error) {
    if (signal.aborted) throw failure('RUN_ABORTED', { path: full.out }, error);
    if (!progressMade.worthKeeping) {
      // A run that came to nothing leaves nothing behind.
      await clearState(full.out).catch(() => undefined);
      unwanted = true;
    }
    throw error;
  } finally {
    await output.release(unwanted);
    await run.dispose();
  }
}

async function perform(kernel: Kernel, run: Run, request: FullRequest, services: TrainingServices & { asked: SettingName[] }, backend: string, seconds: () => number, progressMade: { worthKeeping: boolean }): Promise<TrainingResult> {
  const { logger, progress, signal } = services;
  const emit = services.emit ?? (() => {});
  const callbacks = request.callbacks.map((reference) => run.create<Callback>('callback', reference));
  for (const callback of callbacks) await callback.runStart?.();

  const dataset = await scanDataset(request.data, { reading: request.reading, maximumPixels: request.maxPixels, logger, progress, signal });
  const engines = await Engines.open(kernel, run, request.engine);
  const backbone = prepareBackbone(await run.create<Backbone>('backbone', request.backbone).load(), request.backbone.name);
  const folder = stateFolder(request.out);
  let images: ImageSet | undefined;
  try {
    images = new ImageSet(dataset, { preprocessing: backbone.input, validation: request.validation, random: createRandom(request.splitSeed ?? request.seed).child('split'), importance: request.importance, fold: request.fold, perClass: request.perClass, maximumPixels: request.maxPixels, logger, signal, cacheFolder: folder });
    emit({
      type: 'dataset', classes: [...images.classes], train: images.train.length, validation: images.validation.length, test: images.test.length,
      setAside: images.setAside.length, duplicates: dataset.duplicates.length,
    });
    const circumstances = { contentHash: dataset.contentHash, backboneSha256: backbone.sha256, engine: engines.name, trainer: engines.trainer, versions: versions(kernel) };
    const print = fingerprint(request, circumstances);
    const state = (await snapshotsAreWhole(folder, logger) ? await loadCheckpoint(folder, print, request.out, logger) : undefined) ?? beginning();
    const features = new PooledFeatures(backbone, engines, images, progress, signal);
    const context: RunContext = {
      run, catalogue: kernel.catalogue, request, backbone, engines, images, features, featurePrint: featureFingerprint(request, circumstances), logger, progress, signal, folder, state, callbacks,
      backend, asked: services.asked,
      solver: run.create<Solver>('solver', request.solver),
      regularizers: request.regularizers.map((reference, index) => run.create<Regularizer>('regularizer', reference, `regularizer/${index}/${reference.name}`)),
      has: (kind, name) => kernel.catalogue.has(kind, name),
      emit,
      save: async () => {
        await saveCheckpoint(folder, print, state);
        progressMade.worthKeeping = true;
      },
    };
    if (images.drawnValidation) use(context, 'validation');
    await firstPass(context);
    const assessment = await assess(run, request.similarity, context);
    await chooseGeometries(context, assessment);
    emit({ type: 'assessment', assessment });
    const { strategy, plan } = makePlan(run, request, assessment, backbone.stages, backbone.name, (what) => use(context, what));
    emit({ type: 'plan', strategy, plan });
    const made = { strategy, plan, assessment, versions: versions(kernel), seconds };
    if (Object.keys(state.tuned).length > 0) {
      restoreWeights(backbone.model, state.tuned);
      features.forget();
    }
    if (state.phase > 0 || state.training) logger.info(`The run goes on where it stopped: ${state.phase} of ${plan.phases.length} phases done${state.training ? `, ${state.training.epoch} epoch${state.training.epoch === 1 ? '' : 's'} of the next` : ''}.`);
    try {
      await runPhases(context, plan.phases);
      tellUnused(context, made, services);
      return await finish(context, made);
    } catch (error) {
      // Studies end a run when they have seen enough of it.
      if (services.use) tellUnused(context, made, services);
      await saveUnfinished(context, made, error);
      throw error;
    }
  } finally {
    await images?.dispose();
    backbone.model.dispose();
  }
}

/** The images whose features a run computes first, and where these are kept. */
function reach({ request, folder, images }: RunContext): { indices: () => number[]; place: string } {
  const { featureFolder, featureScope } = request;
  // Features that runs of other splits are to use are those of all images.
  return { indices: () => (featureFolder === undefined || featureScope === 'split' ? images.all : images.usable), place: featureFolder ?? folder };
}

/** One pass of the frozen backbone over all images; what it yields serves the assessment and every solve. */
async function firstPass(context: RunContext): Promise<void> {
  const { run, logger, features, featurePrint: print, images, backbone, engines } = context;
  const { indices, place } = reach(context);
  await takeFeatures(place, print, features, images, { wanted: indices(), logger });
  const strategy = run.create<Strategy>('strategy', context.request.strategy);
  const stages = stagesSolvedOn(context);
  if (features.covers(stages, indices())) return;
  const known = { trainImages: images.train.length, classes: images.classes.length };
  const thawed = engines.trainer === undefined ? [] : strategy.thaws?.(known, backbone.stages) ?? [];
  const full = backbone.stages.filter((_, index) => thawed.includes(backbone.stages[index + 1]?.name ?? '')).map(({ name }) => name);
  // Training reads copies of its images wherever something augments them; those that it is measured on are read as they are.
  const readAsTheyAre = augmentationReferences(context).length > 0 ? images.measured.indices : indices();
  await features.compute(stages, indices(), { full: { stages: full, images: readAsTheyAre } });
  await keepFeatures(place, print, features, images);
}

/** Outputs that classifiers may be solved on. */
function stagesSolvedOn({ run, request, backbone }: RunContext): string[] {
  const also = run.create<Strategy>('strategy', request.strategy).reads?.(backbone.stages) ?? [];
  return [...new Set([...lastOfEachResolution(backbone.stages).map(({ name }) => name), ...also])];
}

/** Where a second geometry of the images is offered and helps, a second pass in that one; the assessment says what was found. */
async function chooseGeometries(context: RunContext, assessment: Assessment): Promise<void> {
  const { features, featurePrint, images, logger } = context;
  const found = await compareGeometries(context);
  if (!found) return;
  assessment.geometry = found;
  for (const reason of found.reasons) logger.info(reason);
  if (!found.averaged) return;
  features.geometries = 2;
  const { indices, place } = reach(context);
  await features.compute(stagesSolvedOn(context), indices(), { label: 'Computing features, second geometry' });
  await keepFeatures(place, featurePrint, features, images);
}

async function runPhases(context: RunContext, phases: ReturnType<typeof makePlan>['plan']['phases']): Promise<void> {
  const { state, callbacks, emit } = context;
  while (state.phase < phases.length) {
    const phase = phases[state.phase]!;
    emit({ type: 'phase-start', phase: phase.name });
    for (const callback of callbacks) await callback.phaseStart?.(phase.name);
    await (phase.kind === 'solve' ? runSolvePhase(context, phase) : runTrainPhase(context, phase));
    state.phase += 1;
    await context.save();
    for (const callback of callbacks) await callback.phaseEnd?.(phase.name);
    emit({ type: 'phase-end', phase: phase.name, kept: state.outcomes.at(-1)?.kept ?? true });
  }
}

/** What was asked for in vain is said, or left to whoever has several runs of one request. */
function tellUnused(context: RunContext, { strategy, plan }: Pick<Made, 'strategy' | 'plan'>, { use: gathered, written = (setting) => ({ setting, text: setting }) }: TrainingServices): void {
  const { request, regularizers, state, asked } = context;
  const branchesOnly = request.regularizers.flatMap(({ name }, index) => (regularizers[index]!.branch ? [name] : []));
  const unused = asked.filter((setting) => !state.used.includes(setting)).map((setting) => ({ setting, why: whyUnused(setting, { request, strategy, plan, branchesOnly, outcomes: state.outcomes }) }));
  if (gathered) gathered.add(state.used, unused);
  else for (const warning of unusedWarnings(unused, written)) warn(context, warning);
}
