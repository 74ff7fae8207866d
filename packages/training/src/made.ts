import { geometriesOf } from '@cultivar/data';
import type { NewManifest } from './bundle/manifest.js';
import { recordOf, techniquesOf, whole, wholePlan } from './bundle/request-record.js';
import type { Evaluation } from './evaluation/evaluation.js';
import type { TrainingResult } from './result.js';
import type { RunContext } from './run/run-context.js';

/** What a run has made, besides its state. */
export interface Made extends Pick<TrainingResult, 'strategy' | 'plan' | 'assessment' | 'versions'> {
  /** So far. */
  seconds: () => number;
}

/** What the bundle of a run says of it. */
export function manifestOf({ request, catalogue, asked, backbone, engines, features, images, state }: RunContext, made: Made, metrics: Evaluation, test?: Evaluation): NewManifest {
  const { strategy, assessment, versions, seconds } = made;
  const plan = wholePlan(catalogue, made.plan);
  const augmentations = state.augmentations?.map((reference) => whole(catalogue, 'augmentation', reference));
  const record = recordOf(catalogue, request, { initializer: asked.includes('initializer') });
  const { name, source, sha256, licence } = backbone;
  const { root, layout, contentHash, duplicates } = images.dataset;
  return {
    labels: [...images.classes],
    preprocessing: features.geometries > 1 ? backbone.input : geometriesOf(backbone.input)[0]!,
    strategy, assessment, plan,
    metrics, ...(test && { test }),
    outcomes: state.outcomes,
    history: state.history,
    versions,
    seed: request.seed,
    seconds: seconds(),
    backbone: { name, source, sha256, licence },
    features: state.head!.features,
    engine: engines.name,
    data: { root, layout, contentHash, train: images.train.length, validation: images.validation.length, test: images.test.length },
    setAside: images.setAside,
    duplicates,
    request: record, techniques: techniquesOf(catalogue, record, { strategy, plan, augmentations }), ...(augmentations && { augmentations }), ...(state.trainer !== undefined && { trainer: state.trainer }),
    used: state.used,
    warnings: state.warnings,
  };
}
