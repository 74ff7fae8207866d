import { z, type Logger, type Progress } from '@cultivar/sdk';
import { preview as drawPreview, type Preview } from '@cultivar/study';
import { checkArguments, checkPath, checkThere, surroundings, type Path } from './arguments.js';
import type { PluginEntry } from './define-config.js';
import { openKernel } from './kernel.js';
import { readingOf, readingSchema, type ReadingSettings } from './reading.js';
import { resolveReference, type Reference } from './references.js';
import { attendedStudy, servicesOf } from './services.js';
import { references, settingsSchema } from './settings.js';
import { readyBackend } from './tensorflow.js';

export interface PreviewOptions extends ReadingSettings {
  /** Augmentations in the order of their use. Default those of the configuration file, or `flip` and `crop`. */
  augment?: readonly Reference[];
  /** Rows, 1 to 1,000. Default 6. */
  images?: number;
  /** Augmented views of each image, 1 to 1,000. Default 6. */
  views?: number;
  /** Side of a tile in pixels, 8 to 2,048. Default 160; the picture has 100 million pixels at most. */
  size?: number;
  /** Default 0. */
  seed?: number;
  /** Pixels of an image at most; larger ones are set aside. Default 200 million. */
  maxPixels?: number;
  plugins?: readonly PluginEntry[];
  /** Configuration file, whose plugins, augmentations and seed hold where none is given here; `true`: the one in the working folder, if any. Default `false`: none. */
  config?: Path | boolean;
  logger?: Logger;
  progress?: Progress;
  signal?: AbortSignal;
}

const schema = z.strictObject({
  ...surroundings, ...readingSchema, maxPixels: z.int().min(1), augment: references, images: z.int().min(1).max(1000), views: z.int().min(1).max(1000), size: z.int().min(8).max(2048), seed: settingsSchema.shape.seed.unwrap(),
} satisfies Record<keyof PreviewOptions, z.ZodType>).partial()
  .refine(({ images = 6, views = 6, size = 160 }) => images * (views + 1) * size * size <= 1e8, 'images, views and size make a picture of more than 100 million pixels');

/**
 * Draws a dataset under augmentations: a PNG with a row for each of some images, the original first.
 * @param data folder of images or CSV file
 * @throws CultivarError with a DATA_ code, CONTRIBUTION_UNKNOWN, OPTION_INVALID, ARGUMENT_INVALID, STUDY_ABORTED
 */
export async function preview(data: Path, options?: PreviewOptions): Promise<Preview> {
  const call = 'preview()';
  const folder = checkPath(data, 'data', call);
  const { plugins, config, augment, images, views, size, seed, maxPixels, split, classFolders, csv, ...around } = checkArguments(schema, options, call);
  return attendedStudy(around, async (attendance) => {
    checkThere(folder);
    const { kernel, settings } = await openKernel({ plugins, config, counts: ['augment', 'seed', 'maxPixels', 'split', 'classFolders', 'csv'], logger: attendance.logger });
    await readyBackend();
    const asked = augment ?? settings.augment ?? ['flip', 'crop'];
    const augmentations = asked.length === 1 && asked[0] === 'none' ? [] : asked.map(resolveReference);
    const reading = readingOf({ split: split ?? settings.split, classFolders: classFolders ?? settings.classFolders, csv: csv ?? settings.csv });
    return drawPreview(kernel, { data: folder, reading, augmentations, images, views, size, seed: seed ?? settings.seed, maxPixels: maxPixels ?? settings.maxPixels }, servicesOf(attendance));
  });
}
