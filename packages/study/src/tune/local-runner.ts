import type { Kernel } from '@cultivar/kernel';
import { isCultivarError } from '@cultivar/sdk';
import { makeFolder } from '@cultivar/sdk/internal';
import { train, type TrainingRequest, type TrainingServices } from '@cultivar/training';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Trial, TrialOutcome, TrialRunner } from './trial.js';

/** One trial after the other, on this machine. The frozen backbone's features are computed once for all, and the classifier on them solved once; a trial's model is not kept. */
export class LocalRunner implements TrialRunner {
  /** @param folder what the trials need while they run */
  constructor(private readonly kernel: Kernel, private readonly request: TrainingRequest, private readonly services: TrainingServices, private readonly folder: string) {}

  async run({ settings, data }: Trial, id: string): Promise<TrialOutcome> {
    const started = performance.now();
    const out = join(this.folder, id);
    const featureFolder = join(this.folder, data === undefined ? 'features' : 'features-subset');
    await makeFolder(featureFolder);
    const resume = existsSync(join(out, '.run'));
    // A trial that ended without being written down is run again.
    if (!resume) await rm(out, { recursive: true, force: true });
    const seconds = () => (performance.now() - started) / 1000;
    try {
      const { history, plan, assessment } = await train(this.kernel, {
        ...this.request, ...settings, ...(data !== undefined && { data, reading: undefined }), out, featureFolder, trialFolder: featureFolder, splitSeed: this.request.splitSeed ?? this.request.seed ?? 0, resume,
      }, this.services);
      const trained = new Set(plan.phases.filter(({ kind }) => kind === 'train').map(({ name }) => name));
      const epochs = trained.size > 0 ? history.filter(({ phase }) => trained.has(phase)) : history;
      const best = epochs.reduce((a, b) => (b.validationLoss < a.validationLoss ? b : a));
      return { loss: best.validationLoss, accuracy: best.validationAccuracy, trainLoss: Math.min(...epochs.map(({ loss }) => loss)), guessing: Math.log(assessment.classes), seconds: seconds() };
    } catch (error) {
      if (!isCultivarError(error) || error.code !== 'TRAINING_DIVERGED') throw error;
      return { loss: Infinity, accuracy: null, trainLoss: Infinity, seconds: seconds(), problem: 'diverged' };
    } finally {
      if (!this.services.signal.aborted) await rm(out, { recursive: true, force: true });
    }
  }
}
