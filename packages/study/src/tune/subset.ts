import { scanDataset } from '@cultivar/data';
import { failure, type Random } from '@cultivar/sdk';
import type { TrainingRequest, TrainingServices } from '@cultivar/training';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface SubsetOptions {
  classes: number;
  perClass: number;
  random: Random;
  services: TrainingServices;
  /** Pixels of an image at most. */
  maxPixels?: number;
}

/**
 * A dataset of the first classes and a few images of each, as a CSV file; each image stands in it for training, and the last of each
 * class for validation.
 * @returns path of the CSV file
 */
export async function writeSubset({ data, reading }: Pick<TrainingRequest, 'data' | 'reading'>, folder: string, { classes, perClass, random, services, maxPixels }: SubsetOptions): Promise<string> {
  const dataset = await scanDataset(data, { ...services, reading, maximumPixels: maxPixels });
  if (dataset.classes.length < classes) throw failure('DATA_ONE_CLASS', { path: data, label: dataset.classes[0] ?? 'none', tables: '' });
  const rows = dataset.classes.slice(0, classes).flatMap((name, label) => {
    const own = dataset.samples.filter((sample) => sample.label === label && sample.split !== 'test');
    const chosen = random.child(name).permutation(own.length).slice(0, perClass + 1).map((position) => own[position]!.path);
    return chosen.map((path, position) => [path, name, position === chosen.length - 1 ? 'val' : 'train']);
  });
  const path = join(folder, 'subset.csv');
  await writeFile(path, `path,label,split\n${rows.map((row) => row.map(quoted).join(',')).join('\n')}\n`);
  return path;
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
