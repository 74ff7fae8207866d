/** One epoch of a phase, or one solve. */
export interface EpochRecord {
  phase: string;
  /** Counts from 1, within the phase. */
  epoch: number;
  loss: number;
  validationLoss: number;
  /** 0..1. */
  validationAccuracy: number;
  learningRate: number;
  seconds: number;
}

/** Listens to a run. */
export interface Callback {
  runStart?(): void | Promise<void>;
  phaseStart?(phase: string): void | Promise<void>;
  epochEnd?(history: readonly EpochRecord[]): void | Promise<void>;
  phaseEnd?(phase: string): void | Promise<void>;
  runEnd?(): void | Promise<void>;
}
export const Callback = Symbol.for('cultivar:Callback');
