import type { ReadingOptions } from '@cultivar/data';
import type { Kernel } from '@cultivar/kernel';
import type { ContributionReference, Kind, Logger, Progress } from '@cultivar/sdk';
import type { TrainingEvent } from './events.js';
import type { SettingName, SettingUse, WrittenSetting } from './run/setting-use.js';

/** What to train, on what, and where to. */
export interface TrainingRequest {
  /** Folder of images, or a CSV file. */
  data: string;
  /** How they are to be understood where folders or columns leave it open. */
  reading?: ReadingOptions;
  backbone: ContributionReference;
  /** Default `auto`. */
  strategy?: ContributionReference;
  /** Default `feature-similarity`. */
  similarity?: ContributionReference;
  /** Default `lbfgs`. */
  solver?: ContributionReference;
  /** Of train phases; overrides what the plan says. Default that of the plan, or `adam`. */
  optimizer?: ContributionReference;
  /** Of train phases; overrides what the plan says. Default that of the plan, or `cosine`. */
  schedule?: ContributionReference;
  /** Of a head that no solve phase comes before. Default `glorot`. */
  initializer?: ContributionReference;
  /** Of the copies of the training images that train phases see. Absent: `flip` and `crop`, where they are loaded and leave images what they are; an empty list: none. */
  augmentations?: ContributionReference[];
  regularizers?: ContributionReference[];
  callbacks?: ContributionReference[];
  metrics?: ContributionReference[];
  exporters?: ContributionReference[];
  /** `auto`, the default: the first engine that works here. */
  engine?: ContributionReference;
  /** Share of each class kept for validation where the data give no validation images, 0..1. Default 0.2. */
  validation?: number;
  /** Pixels of an image at most; larger ones are set aside. Default 200 million. */
  maxPixels?: number;
  /** Default 0. */
  seed?: number;
  /** The split is drawn from this; default `seed`. Runs of different seeds are then measured on the same images. */
  splitSeed?: number;
  /** Classifiers are solved as with this seed; default `seed`. Runs of different seeds, which must train by steps, then begin with the same one. */
  start?: number;
  /** Validate with the fold of this number (from 0) of so many stratified ones, and train on the others; in place of `validation`. Test images stay apart. */
  fold?: { index: number; of: number };
  /** Train on so many images of each class at most, drawn from the split's seed: more of them are the fewer and others. */
  perClass?: number;
  /** Weight of each training image, >= 0, in the order of the split; a solve weighs its loss, a train phase draws by it. Default all alike. */
  importance?: number[];
  /** Models that are kept of the last train phase, each at the end of a cycle of its schedule, as bundles in `<out>/snapshots`. The phase's epochs are rounded up to a multiple. */
  snapshots?: number;
  /** Folder where the features of the frozen backbone are kept, for other runs on the same data. Default inside `out`, for this run alone. */
  featureFolder?: string;
  /** Of which images they are computed: `all`, the default, for runs of any split; or those of this run's `split` alone, beside what is there already. */
  featureScope?: 'all' | 'split';
  /** Folder that the trials of a search share: classifiers solved on frozen features and outputs of frozen stages are kept there, and taken from there where all that decides them is the same. Default none. */
  trialFolder?: string;
  /** Folder of the bundle; made if missing. */
  out: string;
  /** Continue the run that was begun in `out`. */
  resume?: boolean;
  /** These too override what the plan says of its train phases. */
  epochs?: number;
  batchSize?: number;
  learningRate?: number;
  views?: number;
  keep?: 'better' | 'last';
}

/** A request with every default filled in. */
type Optional = Override | 'reading' | 'augmentations' | 'maxPixels' | 'splitSeed' | 'start' | 'fold' | 'perClass' | 'importance' | 'snapshots' | 'featureFolder' | 'featureScope' | 'trialFolder';
export type FullRequest = Required<Omit<TrainingRequest, Optional>> & Pick<TrainingRequest, Optional>;
/** What is said of train phases over the plan's head. */
export type Override = 'epochs' | 'batchSize' | 'learningRate' | 'views' | 'optimizer' | 'schedule' | 'keep';

export function withDefaults(request: TrainingRequest): FullRequest {
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined)) as unknown as TrainingRequest;
  return {
    strategy: { name: 'auto' }, similarity: { name: 'feature-similarity' }, solver: { name: 'lbfgs' },
    initializer: { name: 'glorot' }, engine: { name: 'auto' },
    regularizers: [], callbacks: [], metrics: [], exporters: [], validation: 0.2, seed: 0, resume: false,
    ...given,
  };
}

/** What surrounds a run: words, bars, the way to stop it, and who listens. */
export interface TrainingServices {
  logger: Logger;
  progress: Progress;
  signal: AbortSignal;
  emit?: (event: TrainingEvent) => void;
  /** How a person wrote a setting that had no effect (`--views 3`), for the warning; undefined: nobody did, and nothing is said. Default its name. */
  written?: (setting: SettingName) => WrittenSetting | undefined;
  /** Several runs of one request gather here what they made of its settings; whoever runs them says then what none used, and the runs themselves say nothing. */
  use?: SettingUse;
}

/**
 * Every contribution that the request names is there, and its options are right: said before any work is done.
 * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID
 */
export function checkRequest({ catalogue }: Kernel, request: FullRequest): void {
  const one = (kind: Kind, reference: ContributionReference) => catalogue.check(kind, reference);
  one('backbone', request.backbone);
  one('strategy', request.strategy);
  one('similarity', request.similarity);
  one('solver', request.solver);
  if (request.optimizer) one('optimizer', request.optimizer);
  if (request.schedule) one('schedule', request.schedule);
  one('initializer', request.initializer);
  if (request.engine.name !== 'auto') one('engine', request.engine);
  for (const reference of request.augmentations ?? []) one('augmentation', reference);
  for (const reference of request.regularizers) one('regularizer', reference);
  for (const reference of request.callbacks) one('callback', reference);
  for (const reference of request.metrics) one('metric', reference);
  for (const reference of request.exporters) one('exporter', reference);
}
