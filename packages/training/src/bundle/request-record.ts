/** What a run was asked for and which techniques took part, with their options: enough to repeat it. */
import type { Kernel } from '@cultivar/kernel';
import { failure, type ContributionReference, type FreezePlan, type Kind } from '@cultivar/sdk';
import type { FullRequest, TrainingRequest } from '../request.js';

/** Where a run lies and whether it goes on, and what other runs share with it, are no part of what it is. */
const incidental = ['out', 'resume', 'featureFolder', 'featureScope', 'trialFolder'] as const;
type Incidental = (typeof incidental)[number];

/** A request with every default filled in, those of the techniques' options as well. What only overrides a plan, augmentations and an initializer are there where they were asked for. */
export type RequestRecord = Omit<TrainingRequest, Incidental> & { ensemble?: ContributionReference };

/** A technique that took part, and the plugin that it is from. */
export interface TechniqueRecord {
  kind: Kind;
  name: string;
  plugin: string;
  version: string;
  /** The plugin's entry file, where it is not a package of `node_modules`. */
  file?: string;
}

type Catalogue = Pick<Kernel['catalogue'], 'check' | 'has' | 'get'>;

/** A contribution with all its options. What is no contribution (engine `auto`) stays as it is. */
export function whole(catalogue: Catalogue, kind: Kind, reference: ContributionReference): ContributionReference {
  return catalogue.has(kind, reference.name) ? { ...catalogue.check(kind, reference).options, name: reference.name } : reference;
}

/** @param asked whether an initializer was asked for, which decides more than its name. @param ensemble what several models are made one by */
export function recordOf(catalogue: Catalogue, request: FullRequest, asked: { initializer: boolean }, ensemble?: ContributionReference): RequestRecord {
  const one = (kind: Kind, reference: ContributionReference | undefined) => reference && whole(catalogue, kind, reference);
  const many = (kind: Kind, references: readonly ContributionReference[]) => references.map((reference) => whole(catalogue, kind, reference));
  const own = Object.fromEntries(Object.entries(request).filter(([name]) => !(incidental as readonly string[]).includes(name))) as Omit<FullRequest, Incidental>;
  const record: RequestRecord = {
    ...own,
    backbone: whole(catalogue, 'backbone', request.backbone), strategy: one('strategy', request.strategy), similarity: one('similarity', request.similarity), solver: one('solver', request.solver),
    optimizer: one('optimizer', request.optimizer), schedule: one('schedule', request.schedule), initializer: asked.initializer ? one('initializer', request.initializer) : undefined,
    engine: one('engine', request.engine), ensemble: one('ensemble', ensemble),
    augmentations: request.augmentations && many('augmentation', request.augmentations), regularizers: many('regularizer', request.regularizers),
    callbacks: many('callback', request.callbacks), metrics: many('metric', request.metrics), exporters: many('exporter', request.exporters),
  };
  return JSON.parse(JSON.stringify(record)) as RequestRecord;
}

/** The plan with all options of its optimizers and schedules. */
export function wholePlan(catalogue: Catalogue, { phases, ...plan }: FreezePlan): FreezePlan {
  return {
    ...plan,
    phases: phases.map((phase) => (phase.kind === 'solve' ? phase : {
      ...phase,
      ...(phase.optimizer && { optimizer: whole(catalogue, 'optimizer', phase.optimizer) }), ...(phase.schedule && { schedule: whole(catalogue, 'schedule', phase.schedule) }),
    })),
  };
}

const single: readonly (readonly [Kind, keyof RequestRecord])[] = [
  ['backbone', 'backbone'], ['strategy', 'strategy'], ['similarity', 'similarity'], ['solver', 'solver'], ['optimizer', 'optimizer'], ['schedule', 'schedule'], ['initializer', 'initializer'],
  ['engine', 'engine'], ['ensemble', 'ensemble'],
];
const several: readonly (readonly [Kind, 'augmentations' | 'regularizers' | 'callbacks' | 'metrics' | 'exporters'])[] = [
  ['augmentation', 'augmentations'], ['regularizer', 'regularizers'], ['callback', 'callbacks'], ['metric', 'metrics'], ['exporter', 'exporters'],
];

/** Contributions that a request names and that made and followed its plan, with their plugins. */
export function techniquesOf(catalogue: Catalogue, record: RequestRecord, { strategy, plan, augmentations = [] }: { strategy: string; plan: FreezePlan; augmentations?: readonly ContributionReference[] }): TechniqueRecord[] {
  const named: [Kind, string][] = [
    ...single.flatMap(([kind, setting]): [Kind, string][] => (record[setting] === undefined ? [] : [[kind, (record[setting] as ContributionReference).name]])),
    ['strategy', strategy],
    ...plan.phases.flatMap((phase): [Kind, string][] => (phase.kind === 'solve' ? [] : [['optimizer', phase.optimizer?.name ?? 'adam'], ['schedule', phase.schedule?.name ?? 'cosine']])),
    ...augmentations.map(({ name }): [Kind, string] => ['augmentation', name]),
    ...several.flatMap(([kind, setting]) => (record[setting] ?? []).map(({ name }): [Kind, string] => [kind, name])),
  ];
  const unique = new Map(named.map(([kind, name]) => [`${kind}/${name}`, [kind, name] as const]));
  return [...unique.values()].filter(([kind, name]) => catalogue.has(kind, name)).map(([kind, name]) => {
    const { plugin, version, file } = catalogue.get(kind, name);
    return { kind, name, plugin, version, ...(file !== undefined && !/[/\\]node_modules[/\\]/.test(file) && !plugin.startsWith('@cultivar/') && { file }) };
  });
}

/**
 * What is to be loaded before a run can be repeated: a bundle loads no plugin by itself.
 * @throws CultivarError PLUGIN_NEEDED
 */
export function techniquesAreLoaded(catalogue: Catalogue, path: string, techniques: readonly TechniqueRecord[]): void {
  for (const { kind, name, plugin, version, file } of techniques) {
    if (!catalogue.has(kind, name)) throw failure('PLUGIN_NEEDED', { path, kind, name, plugin, version, source: file ?? plugin });
  }
}

/** Names of what two requests differ in. */
export function differences(one: RequestRecord, other: RequestRecord): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof RequestRecord>;
  return [...names].filter((name) => JSON.stringify(sorted(one[name])) !== JSON.stringify(sorted(other[name])));
}

/** The order in which options are named does not matter. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, own]) => own !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, own]) => [key, sorted(own)]));
}
