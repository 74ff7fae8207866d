import { averageClassifiers, joinClassifiers } from '@cultivar/backbone';
import { failure, type Combination, type Metric, type TensorData } from '@cultivar/sdk';
import { evaluate, readClassifier, readManifest, techniquesOf, writeModelBundle, type BundleManifest, type MeasuredImages, type RequestRecord, type RunWarning, type TrainingServices } from '@cultivar/training';
import type { Kernel } from '@cultivar/kernel';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainedMember } from './train-ensemble.js';

interface Combining {
  images: MeasuredImages;
  out: string;
  name: string;
  members: readonly TrainedMember[];
  combination: Combination;
  seed: number;
  record: RequestRecord;
  kernel: Kernel;
  seconds: () => number;
  services: TrainingServices;
  warnings: RunWarning[];
  metrics: readonly { name: string; metric: Metric }[];
}

/** Makes one model of the members, measures it as it will be used, and writes its bundle. */
export async function combineMembers({ images, out, name, members, combination, seed, record, kernel, seconds, services, warnings, metrics: further }: Combining): Promise<BundleManifest> {
  const first = await readManifest(members[0]!.folder);
  const model = await combined(members, combination, first.labels);
  try {
    const { labels, measured, test } = images.split();
    const measure = async (indices: number[], split: typeof measured.split) => {
      const probabilities = await images.probabilities(model, first.preprocessing, indices);
      const evaluation = evaluate(probabilities, labelsOf(labels, indices), first.labels, split, further);
      services.emit?.({ type: 'evaluation', evaluation });
      return evaluation;
    };
    const metrics = await measure(measured.indices, measured.split);
    const apart = test.length > 0 && measured.split !== 'test';
    return await writeModelBundle(out, model, {
      ...first, metrics, test: apart ? await measure(test, 'test') : undefined, seed, request: record, techniques: techniquesOf(kernel.catalogue, record, first), warnings: [...(first.warnings ?? []), ...warnings], seconds: seconds(),
      ensemble: { name, rule: combination.rule, members: members.map((member, index) => told(member, shareOf(combination, index), labelsOf(labels, measured.indices), first.labels)) },
    });
  } finally {
    model.dispose();
  }
}

/** Probabilities, on the images that models are measured with, of the mean of some members' weights. */
export async function soupOf(images: MeasuredImages, folders: readonly string[], chosen: readonly number[]): Promise<TensorData> {
  const { preprocessing } = await readManifest(folders[chosen[0]!]!);
  const soup = await withModels(chosen.map((index) => folders[index]!), (models) => averaged(models));
  try {
    return await images.probabilities(soup, preprocessing, images.split().measured.indices);
  } finally {
    soup.dispose();
  }
}

/** What a member's network says of images by number. */
export async function probabilitiesOf(images: MeasuredImages, folder: string, indices: readonly number[]): Promise<TensorData> {
  const manifest = await readManifest(folder);
  const model = await readClassifier(folder, manifest);
  try {
    return await images.probabilities(model, manifest.preprocessing, indices);
  } finally {
    model.dispose();
  }
}

function combined(members: readonly TrainedMember[], combination: Combination, labels: string[]): Promise<LayersModel> {
  if (combination.rule === 'soup') return withModels(combination.members.map((index) => members[index]!.folder), averaged);
  const { rule, shares } = combination;
  const heard = members.filter((_, index) => shares[index]! > 0);
  return withModels(heard.map(({ folder }) => folder), (models) => joinClassifiers(models, { rule, shares: shares.filter((share) => share > 0), labels }));
}

function averaged(models: readonly LayersModel[]): LayersModel {
  try {
    return averageClassifiers(models);
  } catch (error) {
    throw failure('ENSEMBLE_UNFIT', { reason: error instanceof Error ? error.message : String(error) }, error);
  }
}

async function withModels(folders: readonly string[], make: (models: readonly LayersModel[]) => LayersModel): Promise<LayersModel> {
  const models: LayersModel[] = [];
  try {
    for (const folder of folders) models.push(await readClassifier(folder, await readManifest(folder)));
    return make(models);
  } finally {
    for (const model of models) model.dispose();
  }
}

const labelsOf = (labels: Int32Array, indices: readonly number[]): Int32Array => Int32Array.from(indices, (index) => labels[index]!);

function shareOf(combination: Combination, index: number): number {
  if (combination.rule !== 'soup') return combination.shares[index]!;
  return combination.members.includes(index) ? 1 / combination.members.length : 0;
}

function told({ seed, measured }: TrainedMember, share: number, labels: Int32Array, classes: string[]): { seed: number; accuracy: number; share: number } {
  return { seed, accuracy: evaluate(measured, labels, classes, 'validation').accuracy, share };
}
