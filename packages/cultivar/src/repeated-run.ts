/** Settings of a run that was made before, from its bundle: `cultivar train --from BUNDLE`. */
import type { Kernel } from '@cultivar/kernel';
import { failure, type ContributionReference } from '@cultivar/sdk';
import { readManifest, techniquesAreLoaded, type BundleManifest, type RequestRecord, type RunWarning } from '@cultivar/training';
import { resolve } from 'node:path';
import { checkSettings, type Settings } from './settings.js';

/** What cannot be given as a setting, and no run that a person starts has. */
const inner = ['splitSeed', 'start', 'fold', 'perClass', 'importance', 'snapshots'] as const satisfies readonly (keyof RequestRecord)[];

/**
 * @param bundle folder that a training wrote
 * @returns the settings that repeat it, where the same plugins are loaded
 * @throws CultivarError BUNDLE_NOT_FOUND, BUNDLE_INVALID, BUNDLE_DAMAGED, FROM_UNKNOWN, PLUGIN_NEEDED
 */
export async function settingsOf(bundle: string, { catalogue }: Kernel): Promise<Settings> {
  const path = resolve(bundle);
  const { request, techniques = [] } = await readManifest(path);
  if (!request) throw failure('FROM_UNKNOWN', { path, reason: 'it was written by a version that did not write them down' });
  const own = inner.filter((name) => request[name] !== undefined);
  if (own.length > 0) throw failure('FROM_UNKNOWN', { path, reason: 'it is of one of several runs of a study or an ensemble' });
  techniquesAreLoaded(catalogue, path, techniques);
  const { augmentations, regularizers, reading, engine, ...plain } = request;
  const { split, classFolders, csv } = reading ?? {};
  return checkSettings({
    ...plain, augment: augmentations, regularize: regularizers, engine: automatic(engine),
    // Where a run writes is never what a bundle says.
    out: undefined, resume: undefined,
    split: split && Object.fromEntries(Object.entries(split).map(([name, use]) => [name, use])), classFolders, csv,
  }, path);
}

/** Which engine is the first that is available, every machine says for itself. */
const automatic = (engine: ContributionReference | undefined): ContributionReference | undefined => (engine?.name === 'auto' ? undefined : engine);

/**
 * What decides the numbers of a run beside its settings, and was another when the run that it repeats was made.
 * @param given settings that were given beside it: what they are about is not expected to be the same
 */
export async function changedSince(former: string, bundle: string, given: Settings): Promise<RunWarning[]> {
  const [before, after] = await Promise.all([readManifest(resolve(former)), readManifest(bundle)]);
  // Of those, a manifest that was not written by us may have none.
  const { data, backbone, engine, trainer } = before as Partial<BundleManifest>;
  const changed = [
    ...(given.data === undefined && data?.contentHash !== after.data.contentHash ? ['the images'] : []),
    ...(given.backbone === undefined && backbone?.sha256 !== after.backbone.sha256 ? ['the weights of the backbone'] : []),
    ...(before.testTime && (before.testTime.crops !== 1 || before.testTime.monteCarlo) ? ['what predictions are averaged over, which `evaluate --keep` had written into it'] : []),
    ...(given.engine === undefined && (engine !== after.engine || trainer !== after.trainer) ? ['the engine'] : []),
  ];
  if (changed.length === 0) return [];
  return [{ code: 'RUN_CHANGED', message: `Not the same as in the run in ${former}: ${changed.join(', ')}. Its numbers need not come out again.` }];
}
