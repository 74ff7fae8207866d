/**
 * Settings of a run: the same names on the command line (in hyphens), in `cultivar.config.*` and in `fineTune()`.
 */
import { failure, z, type CultivarError } from '@cultivar/sdk';
import { pathSchema, problemOf } from './arguments.js';
import { readingSchema } from './reading.js';

const referenceObject = z.looseObject({ name: z.string().min(1) });
/** A contribution: `'cosine'`, `'cosine:floor=0.1'` or `{ name: 'cosine', floor: 0.1 }`. */
export const reference = z.union([z.string().min(1), referenceObject], { error: 'expected a name, "name:key=value" or { name, ...options }' });
export const references = z.array(reference);

/** Every setting with its range. What is absent takes the default of the training room. */
export const settingsSchema = z.strictObject({
  /** Folder of images or CSV file. */
  data: pathSchema,
  ...readingSchema,
  /** The pretrained network. Default `nano`, which is embedded. */
  backbone: reference,
  /** Chooses the freeze plan. Default `auto`. */
  strategy: reference,
  /** Measures how like the pretraining images the data is. Default `feature-similarity`. */
  similarity: reference,
  /** Solves the head on stored features. Default `lbfgs`. */
  solver: reference,
  /** Steps of training phases. Default `adam`. */
  optimizer: reference,
  /** Rate multiplier over a phase. Default `cosine`. */
  schedule: reference,
  /** Fresh weights of the head, where it is not solved. Default `glorot`. */
  initializer: reference,
  /** Computes. Default: the first that is available. */
  engine: reference,
  /** Augmentations in the order of their use; `'none'` or an empty list: none. Default `flip` and `crop`, as far as they leave the images what they are. */
  augment: references,
  /** Regularizers. Default none. */
  regularize: references,
  /** Several models made one. Default none: one model. */
  ensemble: reference,
  /** Further numbers of the evaluation. */
  metrics: references,
  /** Listeners that plugins bring. */
  callbacks: references,
  /** Further formats that the bundle is written in. */
  exporters: references,
  /** Same seed, same machine, same engine: same result. Default 0. */
  seed: z.int().min(0).max(0xffff_ffff),
  /** Output folder. Default a fresh one, `cultivar-out/<data>`. */
  out: pathSchema,
  /** Continue the unfinished run in the output folder. */
  resume: z.boolean(),
  /** Part of the images kept for validation where the data brings no split, between 0 and 1. Default 0.2. */
  validation: z.number().gt(0).lt(1),
  /** Pixels of an image at most; larger ones are set aside. Default 200 million. */
  maxPixels: z.int().min(1),
  /** Epochs of each training phase; overrides the plan. */
  epochs: z.int().min(1),
  /** Images in a training step; overrides the plan. */
  batchSize: z.int().min(1),
  /** Base rate of training phases; overrides the plan. */
  learningRate: z.number().positive(),
  /** Augmented copies made of each image, of which an epoch trains on one; overrides the plan. */
  views: z.int().min(1),
  /** Of a training phase: `better`, its best epoch where that is better than the model before; `last`, its last epoch in any case. Default `better`. */
  keep: z.enum(['better', 'last']),
}).partial();

/** Settings of a run, checked; see {@link settingsSchema}. */
export type Settings = z.output<typeof settingsSchema>;
/** Settings as they are given: paths may be `file:` URLs. */
export type GivenSettings = z.input<typeof settingsSchema>;

/**
 * Checks settings that come from a person.
 * @param where what is being checked, named in the error: a file, `given to fineTune()`, or the `command line`
 * @throws CultivarError CONFIG_INVALID (of the command line: COMMAND_INVALID) naming each wrong setting
 */
export function checkSettings(values: Record<string, unknown>, where: string): Settings {
  const present = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const checked = settingsSchema.safeParse(present);
  if (checked.success) return checked.data;
  const reasons = checked.error.issues.map((issue) => problemOf(settingsSchema, 'a configuration', present, issue)).map(({ option, reason }) => ({ setting: option, message: reason }));
  throw where === 'command line' ? wrongOptions(reasons) : failure('CONFIG_INVALID', { path: where, reason: reasons.map(({ setting, message }) => (setting ? `${setting}: ${message}` : message)).join('; ') });
}

function wrongOptions(reasons: { setting: string; message: string }[]): CultivarError {
  const words = reasons.map(({ setting, message }) => `Option --${setting.split('.').map((part, depth) => (depth === 0 ? part.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) : part)).join(' ')} is wrong: ${message}`);
  return failure('COMMAND_INVALID', { reason: words.join('; ') });
}
