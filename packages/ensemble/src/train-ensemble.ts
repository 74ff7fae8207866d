import type { Kernel, Run } from '@cultivar/kernel';
import { failure, type ContributionReference, type Ensemble, type EnsembleTask, type Exporter, type MemberPlan } from '@cultivar/sdk';
import { makeFolder } from '@cultivar/sdk/internal';
import { clearState, finishedResult, keptRun, MeasuredImages, metricsOf, prepareOutput, readManifest, recordOf, resultOf, SettingUse, stateFolder, train, unusedWarnings, withDefaults, type RunWarning, type TrainingEvent, type TrainingRequest, type TrainingResult, type TrainingServices } from '@cultivar/training';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { combineMembers, probabilitiesOf, soupOf } from './combine.js';
import { readMember, rowsOf, writeMember, type MemberRecord } from './member-record.js';

/** What to train, and how several of it become one. */
export interface EnsembleRequest extends TrainingRequest {
  ensemble: ContributionReference;
}

/**
 * Trains the members one after the other, each a run of its own in the state folder, and writes one bundle that predicts like any other.
 * With `resume` it goes on where it stopped, inside a member's run too. Features of the frozen backbone are computed once for all.
 * @throws CultivarError as `train` does; ENSEMBLE_UNFIT where the members cannot become one
 */
export async function trainEnsemble(kernel: Kernel, request: EnsembleRequest, services: TrainingServices): Promise<TrainingResult> {
  const started = performance.now();
  const out = resolve(request.out);
  kernel.catalogue.check('ensemble', request.ensemble);
  const { ensemble: reference, ...alone } = { ...request, out };
  const output = await prepareOutput(out, request.resume ?? false);
  const record = recordOf(kernel.catalogue, withDefaults(alone), { initializer: alone.initializer !== undefined }, reference);
  if (output.state === 'finished') return finishedResult(withDefaults(alone), record, services);

  const { logger, progress, signal } = services;
  const seed = request.seed ?? 0;
  const run = kernel.openRun({ seed, outputFolder: out, logger, progress, signal });
  let unwanted = false;
  try {
    const ensemble = run.create<Ensemble>('ensemble', reference);
    const images = await MeasuredImages.open(kernel, { ...alone, splitSeed: seed }, services);
    const task = taskOf(images, run);
    const use = new SettingUse();
    const members = await trainMembers(kernel, { ...alone, seed }, { ...services, use }, { ensemble, images, task });
    if (members.length > 1 && members.every(({ measured }) => measured.data.every((value, index) => value === members[0]!.measured.data[index]))) {
      use.add([], [{ setting: 'ensemble', why: `all ${members.length} members came out the same: what strategy ${(await readManifest(members[0]!.folder)).strategy} makes does not depend on the seed` }]);
    }
    const folders = members.map(({ folder }) => folder);
    const combination = await ensemble.combine(members, task, (chosen) => soupOf(images, folders, chosen));
    const heard = combination.rule === 'soup' ? combination.members : combination.shares.filter((share) => share > 0);
    if (heard.length === 1) use.add([], [{ setting: 'ensemble', why: 'what came of it is the model of one member' }]);
    const warnings = tell(use, services);
    await combineMembers({ images, out, name: reference.name, members, combination, seed, record, kernel, seconds: () => (performance.now() - started) / 1000, services, warnings, metrics: metricsOf(run, kernel.catalogue, request.metrics) });
    for (const exporter of request.exporters ?? []) await run.create<Exporter>('exporter', exporter).export(out, join(out, exporter.name));
    await clearState(out);
    services.emit?.({ type: 'bundle', path: out });
    return { ...resultOf(out, await readManifest(out)), seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    if (signal.aborted) throw failure('RUN_ABORTED', { path: out }, error);
    if (output.state === 'fresh' && !(await hasMembers(out))) {
      // What came to nothing leaves nothing behind.
      await clearState(out).catch(() => undefined);
      unwanted = true;
    }
    throw error;
  } finally {
    await output.release(unwanted);
    await run.dispose();
  }
}

/** Whether a member was begun that is worth going on with: a run that is not leaves no folder. */
const hasMembers = (out: string): Promise<boolean> => readdir(membersFolder(out)).then((names) => names.length > 0, () => false);

const membersFolder = (out: string): string => join(stateFolder(out), 'members');

/** Settings that no member made use of. */
function tell(use: SettingUse, { use: gathered, written = (setting) => ({ setting, text: setting }), logger, emit }: TrainingServices): RunWarning[] {
  if (gathered) {
    gathered.addAll(use);
    return [];
  }
  const warnings = unusedWarnings(use.unused, written);
  for (const warning of warnings) {
    logger.warn(warning.message);
    emit?.({ type: 'warning', warning });
  }
  return warnings;
}

function taskOf(images: MeasuredImages, run: Run): EnsembleTask {
  const { labels, train: trained, measured } = images.split();
  const labelsOf = (indices: readonly number[]) => Int32Array.from(indices, (index) => labels[index]!);
  return { classes: images.classes.length, trainLabels: labelsOf(trained), measuredLabels: labelsOf(measured.indices), random: run.random.child('ensemble') };
}

export interface TrainedMember extends MemberRecord {
  /** Of its bundle. */
  folder: string;
}

interface Making {
  ensemble: Ensemble;
  images: MeasuredImages;
  task: EnsembleTask;
}

async function trainMembers(kernel: Kernel, request: TrainingRequest & { seed: number }, services: TrainingServices & { use: SettingUse }, { ensemble, images, task }: Making): Promise<TrainedMember[]> {
  const state = membersFolder(request.out);
  const featureFolder = join(stateFolder(request.out), 'features');
  await makeFolder(featureFolder);
  await makeFolder(state);
  const members: TrainedMember[] = [];
  for (let plan = ensemble.next(members, task); plan; plan = ensemble.next(members, task)) {
    const number = members.length + 1;
    const folder = join(state, String(number));
    const path = join(state, `${number}.bin`);
    const own = { ...request, ...plan, splitSeed: request.seed, featureFolder, trialFolder: featureFolder, out: folder, exporters: [], metrics: [] };
    const kept = await keptMembers(kernel, own, path, services, images);
    if (kept) {
      members.push(...kept);
      continue;
    }
    services.logger.info(`Member ${number}.`);
    const trained = await trainMember(kernel, own, services, { ensemble, images });
    for (const [index, member] of trained.entries()) await writeMember(recordPath(path, plan, index), member);
    members.push(...trained);
  }
  return members;
}

/** One training has one record, or one for each of its snapshots. */
const recordPath = (path: string, { snapshots }: Pick<MemberPlan, 'snapshots'>, index: number): string => (snapshots === undefined ? path : `${path}.${index + 1}`);
const snapshotFolder = (folder: string, index: number): string => join(folder, 'snapshots', String(index + 1));

/** @returns undefined where any of it is missing, or damaged, which is said. @throws CultivarError RESUME_MISMATCH where it is of other settings or other images */
async function keptMembers(kernel: Kernel, request: TrainingRequest & { seed: number }, path: string, { use, logger }: TrainingServices & { use: SettingUse }, images: MeasuredImages): Promise<TrainedMember[] | undefined> {
  const members: TrainedMember[] = [];
  for (let index = 0; index < (request.snapshots ?? 1); index += 1) {
    const kept = await readMember(recordPath(path, request, index), logger);
    if (kept?.seed !== request.seed) return undefined;
    const folder = request.snapshots === undefined ? request.out : snapshotFolder(request.out, index);
    const manifest = await keptRun(kernel, { ...request, out: folder }, logger, 'The member is trained again.');
    if (!manifest) return undefined;
    if (manifest.data.contentHash !== images.contentHash) throw failure('RESUME_MISMATCH', { path: folder, reason: 'the images have changed since it was begun' });
    // What it made of the settings.
    use.add(manifest.used ?? [], []);
    members.push({ ...kept, folder });
  }
  return members;
}

async function trainMember(kernel: Kernel, request: TrainingRequest & { seed: number }, services: TrainingServices, { ensemble, images }: Pick<Making, 'ensemble' | 'images'>): Promise<TrainedMember[]> {
  // A run that was finished, but of which no record was written, has told its probabilities to nobody; and what is no run stands in the way.
  if (existsSync(join(request.out, 'cultivar.json')) || !existsSync(stateFolder(request.out))) await rm(request.out, { recursive: true, force: true });
  const { train: trained, measured } = images.split();
  const { seed, snapshots } = request;
  const record: Partial<MemberRecord> = {};
  const kept: TrainedMember[] = [];
  const emit = (event: TrainingEvent): void => {
    if (event.type === 'probabilities' && event.split === measured.split) record.measured = rowsOf(event, measured.indices);
    if (event.type === 'probabilities' && event.split === 'train') record.train = rowsOf(event, trained);
    if (event.type === 'snapshot') kept.push({ seed, measured: rowsOf(event, measured.indices), folder: event.path });
    if (event.type !== 'bundle' && event.type !== 'evaluation') services.emit?.(event);
  };
  await train(kernel, { ...request, resume: existsSync(stateFolder(request.out)) }, { ...services, emit });
  if (snapshots !== undefined) return kept;
  if (!record.train && ensemble.looksAtTraining) record.train = await probabilitiesOf(images, request.out, trained);
  if (!record.measured) throw new Error('a run ended without probabilities');
  return [{ seed, measured: record.measured, ...(record.train && { train: record.train }), folder: request.out }];
}
