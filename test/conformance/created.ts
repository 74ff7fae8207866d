import { createKernel } from '@cultivar/kernel';
import type { ContributionReference, Kind, Plugin } from '@cultivar/sdk';
import { tmpdir } from 'node:os';

/** Makes contributions of a plugin as a run does, for those that are made of others. */
export async function creator(plugin: Plugin): Promise<<Contract extends object>(kind: Kind, reference: ContributionReference | string) => Contract> {
  const run = (await createKernel({ plugins: [plugin] })).openRun({ seed: 1, outputFolder: tmpdir() });
  return (kind, reference) => run.create(kind, reference);
}
