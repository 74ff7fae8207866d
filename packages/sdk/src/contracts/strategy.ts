import type { Stage } from './backbone.js';

/** A contribution by name, with its options: `{ name: 'cosine', floor: 0.01 }`. */
export interface ContributionReference {
  name: string;
  [option: string]: unknown;
}

/** What is known of the dataset before training. */
export interface Assessment {
  /** Images to train on, and in all. */
  images: number;
  trainImages: number;
  classes: number;
  /** Training images by class, in class order. */
  perClass: number[];
  similarity: SimilarityMeasurement;
  /** Of a backbone that offers a second geometry: whether features are averaged over both, and what says so. */
  geometry?: GeometryComparison;
  /** Weights in the backbone. */
  backboneParameters: number;
  /** Whether an engine that can train is at hand, and by estimate how many images a second it trains from the top stage. */
  engine?: { name: string; trains: boolean };
}
export interface GeometryComparison {
  /** Whether images are looked at in both. */
  averaged: boolean;
  /** Training images that it was found out on, and log-loss and accuracy in cross-validation on them. */
  images: number;
  one: { loss: number; accuracy: number };
  both: { loss: number; accuracy: number };
  seconds: number;
  /** In words. */
  reasons: string[];
}
export interface SimilarityMeasurement {
  /** 0: nothing like the pretraining images; 1: the same kind. */
  score: number;
  /** What the score was made from, by name. */
  figures: Record<string, number>;
  /** In words. */
  reasons: string[];
}

/** Solve the head on stored features of frozen stages. */
export interface SolvePhase {
  kind: 'solve';
  name: string;
  /**
   * Sets of stages whose pooled outputs are joined; the set with the best cross-validated log-loss is taken.
   * One set: no choice to make.
   */
  candidates: string[][];
  /** To choose from as well: some of the features of these stages, however many are best. */
  select?: FeatureSelection;
}
/** Features are scored by a group lasso, a group for each; the share kept is that with the best cross-validated log-loss. */
export interface FeatureSelection {
  /** Whose pooled outputs are joined. */
  stages: string[];
  /** Of the group lasso, as a share of the least penalty under which no feature is kept; above 0, below 1. */
  penalty: number;
  /** Shares of the features to choose from, ascending, each above 0 and up to 1. */
  fractions: number[];
}

/** Train the suffix from a stage on, and the head. */
export interface TrainPhase {
  kind: 'train';
  name: string;
  /** The earliest stage that thaws; every stage behind it thaws as well. */
  from: string;
  /** All weights of the stages are drawn anew first. */
  fresh?: true;
  epochs: number;
  /** Models that are kept along the way, each at the end of a cycle of `epochs / snapshots` epochs in which the schedule runs once through. */
  snapshots?: number;
  batchSize: number;
  learningRate: number;
  /** Share of the rate by stage name, and of `head`; 1 where not named. */
  rates: Record<string, number>;
  batchNorm: 'frozen' | 'train';
  /** Augmented copies of each image that are made once and kept, >= 1: an epoch trains on one of them, the image as it is is none of them. Where nothing augments, on that. */
  views: number;
  optimizer?: ContributionReference;
  schedule?: ContributionReference;
  /**
   * `better`, the default: the best epoch counts, and the phase is undone where that is not better than the model before.
   * `last`: the last epoch counts, whatever it was before. To see what training alone comes to.
   */
  keep?: 'better' | 'last';
  /** Left out where the classifier that was solved before has a lower log-loss in cross-validation: there is next to nothing to gain. Absent: never. */
  worthwhileFrom?: number;
}
export type Phase = SolvePhase | TrainPhase;

export interface FreezePlan {
  phases: Phase[];
  /** Why, one sentence each, for people. */
  reasons: string[];
}

/** Hands over to another strategy by name. */
export interface Delegation {
  delegate: ContributionReference;
  reasons: string[];
}

export interface Strategy {
  plan(assessment: Assessment, stages: readonly Stage[]): FreezePlan | Delegation;
  /** Stages that its plans solve on besides the last of each resolution; where it says so, all come out of one pass of the backbone. */
  reads?(stages: readonly Stage[]): string[];
  /** Stages from which its plans train so many images: where it says so, what these stages are given is kept from that pass, as far as memory allows, and not computed once more. */
  thaws?(known: Pick<Assessment, 'trainImages' | 'classes'>, stages: readonly Stage[]): string[];
}
export const Strategy = Symbol.for('cultivar:Strategy');
