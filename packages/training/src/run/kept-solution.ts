import type { FeatureSelection } from '@cultivar/sdk';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Head } from '../head.js';
import { readRecordIfWhole, writeRecord } from './record-file.js';
import type { RunContext } from './run-context.js';

/** A classifier solved on frozen features, its mean log-loss over the training images, and that in cross-validation where there was one. */
export interface Solution {
  head: Head;
  loss: number;
  heldOutLoss?: number;
}

/** What is solved: `name` is that of the phase, which names its random stream. */
export interface Problem {
  name: string;
  candidates: readonly string[][];
  select?: FeatureSelection;
}

interface Plain {
  features: string[];
  loss: number;
  heldOutLoss?: number;
}

/**
 * The trials of a search mostly begin with one and the same classifier on the frozen features: the first solves it, the others take it from its
 * record, digit for digit. Everything that decides it names the record.
 */
export async function solvedOnce(context: RunContext, problem: Problem, solve: () => Promise<Solution>): Promise<Solution> {
  const { request: { trialFolder }, state, logger } = context;
  // Features of stages that have been trained are those of this run alone.
  if (trialFolder === undefined || Object.keys(state.tuned).length > 0) return solve();
  const path = join(trialFolder, `solved-${keyOf(context, problem)}.bin`);
  const record = await readRecordIfWhole<Plain>(path, logger);
  const [kernel, bias] = [record?.arrays['kernel'], record?.arrays['bias']];
  if (record && kernel && bias) {
    const { features, loss, heldOutLoss } = record.plain;
    logger.info(`The classifier is solved already: ${features.join(' + ')}.`);
    return { head: { features, kernel, bias }, loss, heldOutLoss };
  }
  const { head, loss, heldOutLoss } = await solve();
  await writeRecord<Plain>(path, { plain: { features: head.features, loss, heldOutLoss }, arrays: { kernel: head.kernel, bias: head.bias } });
  return { head, loss, heldOutLoss };
}

function keyOf({ request: { seed, start = seed, solver }, featurePrint, backend, images }: RunContext, { name, candidates, select }: Problem): string {
  const weights = images.importanceOf(images.train);
  const deciding = [featurePrint, backend, start, solver, images.train, weights && [...weights], name, candidates, select];
  return createHash('sha256').update(JSON.stringify(deciding)).digest('hex').slice(0, 16);
}
