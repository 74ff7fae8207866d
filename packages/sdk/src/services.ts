/**
 * What a run offers to the contributions that it uses. Each service is an interface and a symbol of the same name;
 * a contribution asks for one by property: `@inject(Random) readonly random!: Random`.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Normalisation } from './contracts/backbone.js';
import type { ContributionReference } from './contracts/strategy.js';
import type { Kind } from './kinds.js';

/** Seeded generator. Two children of the same name, of the same parent, draw the same numbers. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Beta(a, b) in (0, 1), for a, b > 0. */
  beta(a: number, b: number): number;
  /** Whole number in [0, limit). */
  integer(limit: number): number;
  /** A permutation of 0..length-1. */
  permutation(length: number): number[];
  /** A whole number to seed tfjs's own random operators with. */
  seed(): number;
  /** An independent stream; depends on the seed and the name only, not on what was drawn before. */
  child(name: string | number): Random;
}
export const Random = Symbol.for('cultivar:Random');

/**
 * Makes further contributions, for those that are made of others (an average around any optimizer). Declare the option that
 * names one with {@link contributionOf}, and make it when it is first used: services are injected after construction.
 */
export interface Contributions {
  /**
   * Checked, injected and disposed as those that the run itself makes; its Random is a child stream of the asker's.
   * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID, REFERENCE_SYNTAX
   */
  create<Contract extends object>(kind: Kind, reference: ContributionReference | string): Contract;
}
export const Contributions = Symbol.for('cultivar:Contributions');

/** Where words go. In the command line they are lines on stderr. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}
export const Logger = Symbol.for('cultivar:Logger');

/** Long work in sight of the user: a bar on a terminal, plain lines in a pipe, events in the API. */
export interface Progress {
  /** @param total number of steps, if known; @param unit what one step is, e.g. `images` */
  start(label: string, total?: number, unit?: string): ProgressTask;
}
export interface ProgressTask {
  advance(steps?: number, note?: string): void;
  finish(note?: string): void;
}
export const Progress = Symbol.for('cultivar:Progress');

/** Aborts when the run is to stop at the next step. */
export const RunSignal = Symbol.for('cultivar:RunSignal');
export type RunSignal = AbortSignal;

/** Absolute path of the folder that the run writes into. */
export const OutputFolder = Symbol.for('cultivar:OutputFolder');
export type OutputFolder = string;

/** Where a pretrained network's files are. */
export interface ModelLocation {
  /** Folder, path of a `model.json`, `file:`, `http:` or `https:` URL. Relative paths: from the working folder. */
  location: string;
  /** SHA-256 of model.json followed by its weight files in order, hexadecimal; checked when given. */
  sha256?: string;
  /** What the files hold; found out from model.json when absent. */
  format?: 'layers-model' | 'graph-model';
  /** Input size in pixels, for files that leave it open. */
  size?: number;
  /** Layer or graph node to end the network at; what lies behind it is left out. */
  output?: string;
  /** Of a URL: whether its weight files may lie at another origin than model.json. Default `false`. */
  crossOrigin?: boolean;
}

/** A network read from its files, whatever their format, as a LayersModel that trains. */
export interface ReadNetwork {
  model: LayersModel;
  format: 'layers-model' | 'graph-model';
  /** Absolute path or URL that it was read from. */
  location: string;
  /** SHA-256 as in {@link ModelLocation}. */
  sha256: string;
  /** How pixels become the model's input, where the files tell (a graph with its scaling inside). */
  normalisation?: Normalisation;
}

/** Reads networks for backbones: local files, URLs with cache and checksum, both tfjs formats. */
export interface ModelReader {
  /** @throws CultivarError BACKBONE_NOT_FOUND, BACKBONE_FORMAT, BACKBONE_CHECKSUM, BACKBONE_DOWNLOAD, GRAPH_UNSUPPORTED */
  read(location: ModelLocation): Promise<ReadNetwork>;
  /** From the addresses that `@tensorflow-models/mobilenet` has, or from `location` instead. */
  mobilenet(request: { version: 1 | 2; alpha: number; location?: string; sha256?: string }): Promise<ReadNetwork>;
}
export const ModelReader = Symbol.for('cultivar:ModelReader');
