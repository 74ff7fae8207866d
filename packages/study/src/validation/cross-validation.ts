import { findFolds } from '@cultivar/data';
import type { Kernel } from '@cultivar/kernel';
import { failure, type TensorData } from '@cultivar/sdk';
import { makeFolder, sealJson, writeAtomically } from '@cultivar/sdk/internal';
import { evaluate, keptRun, readManifest, train, type Evaluation, type TrainingRequest, type TrainingServices } from '@cultivar/training';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { requestPrint } from '../request-print.js';
import { readSealedFile } from '../sealed-file.js';
import { stoppedAsOne } from '../stopped.js';
import { inStudyFolder } from '../study-folder.js';

export interface CrossValidation {
  /** What each fold's model does on the images that it did not see, in the order of the folds. */
  folds: Evaluation[];
  /** All those answers together: every image is judged once, by a model that did not see it. */
  pooled: Evaluation;
  /** Mean of the folds' accuracies and their standard deviation, 0..1. */
  accuracy: { mean: number; standardDeviation: number };
}

interface FoldAnswers {
  /** Names what was asked for. */
  request: string;
  /** Hash of the images. */
  images: string;
  labels: number[];
  probabilities: number[];
  evaluation: Evaluation;
}

/**
 * K-fold cross-validation of a whole training, with the folds that the data bring or stratified ones: each fold, about one in k images of every class, is held out in turn
 * and judged by a model trained on the others. Test images stay apart; validation images are dealt out with the rest. An answer
 * about the recipe, not a model: the folds' bundles lie in `<out>/fold-1` and so on. With `resume`, folds that are done are kept.
 * Source: Kohavi 1995, "A study of cross-validation and bootstrap for accuracy estimation and model selection".
 * @param folds 2..; absent: those of the data, or 5
 * @throws CultivarError DATA_FOLDS where the data bring another number of folds; DATA_TOO_FEW where a class has fewer images than there are folds; RUN_ABORTED; RESUME_MISMATCH where a fold that is done was made with other settings or images; what `train` throws
 */
export async function crossValidate(kernel: Kernel, request: TrainingRequest, folds: number | undefined, services: TrainingServices): Promise<CrossValidation> {
  if (folds !== undefined && (!Number.isInteger(folds) || folds < 2)) throw new RangeError(`${folds} folds: two or more are needed`);
  const out = resolve(request.out);
  return stoppedAsOne(services.signal, out, () => inStudyFolder(out, { resume: request.resume, signal: services.signal }, async () => judgeFolds(kernel, request, await foldCount(request, folds), services, out)));
}

async function foldCount({ data, reading }: TrainingRequest, asked: number | undefined): Promise<number> {
  const given = await findFolds(data, reading);
  if (given.length === 0) return asked ?? 5;
  if (asked !== undefined && asked !== given.length) throw failure('DATA_FOLDS', { path: data, own: given.length, names: given.slice(0, 6).join(', '), asked });
  return given.length;
}

async function judgeFolds(kernel: Kernel, request: TrainingRequest, folds: number, services: TrainingServices, out: string): Promise<CrossValidation> {
  const featureFolder = join(out, '.features');
  await makeFolder(featureFolder);
  const answers: FoldAnswers[] = [];
  for (let index = 0; index < folds; index += 1) {
    services.signal.throwIfAborted();
    answers.push(await foldAnswers(kernel, { ...request, featureFolder, fold: { index, of: folds }, out: join(out, `fold-${index + 1}`) }, services, folds));
  }
  if (new Set(answers.map(({ images }) => images)).size > 1) throw failure('RESUME_MISMATCH', { path: out, reason: 'the images have changed since it was begun' });
  await rm(featureFolder, { recursive: true, force: true });
  const { perClass } = answers[0]!.evaluation;
  const classes = perClass.map(({ label }) => label);
  const labels = Int32Array.from(answers.flatMap((fold) => fold.labels));
  const pooled: TensorData = { data: Float32Array.from(answers.flatMap(({ probabilities }) => probabilities)), shape: [labels.length, classes.length] };
  const accuracies = answers.map(({ evaluation }) => evaluation.accuracy);
  const mean = accuracies.reduce((sum, one) => sum + one, 0) / folds;
  return {
    folds: answers.map(({ evaluation }) => evaluation),
    pooled: evaluate(pooled, labels, classes, 'all'),
    accuracy: { mean, standardDeviation: Math.sqrt(accuracies.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (folds - 1)) },
  };
}

async function foldAnswers(kernel: Kernel, request: TrainingRequest, services: TrainingServices, folds: number): Promise<FoldAnswers> {
  const path = join(request.out, 'answers.json');
  const print = requestPrint(request);
  const again = 'The fold is trained again.';
  const kept = await readSealedFile<FoldAnswers>(path, services.logger, again);
  if (kept && kept.request !== print) throw failure('RESUME_MISMATCH', { path: dirname(request.out), reason: `fold ${request.fold!.index + 1} was trained on other data or with other settings` });
  if (kept && await keptRun(kernel, request, services.logger, again)) return kept;
  services.logger.info(`Fold ${request.fold!.index + 1} of ${folds}.`);
  // A fold that ended without its answers being written down is trained again; and what is no run stands in the way.
  if (existsSync(join(request.out, 'cultivar.json')) || !existsSync(join(request.out, '.run'))) await rm(request.out, { recursive: true, force: true });
  let told: { labels: Int32Array; probabilities: TensorData } | undefined;
  const { metrics } = await train(kernel, { ...request, resume: existsSync(join(request.out, '.run')) }, {
    ...services,
    emit: (event) => {
      if (event.type === 'probabilities' && event.split === 'validation') told = event;
      if (event.type !== 'bundle') services.emit?.(event);
    },
  });
  if (!told) throw new Error('a fold ended without validation images');
  const answers: FoldAnswers = { request: print, images: (await readManifest(request.out)).data.contentHash, labels: [...told.labels], probabilities: [...told.probabilities.data], evaluation: metrics };
  await writeAtomically(path, [`${sealJson(answers)}\n`]);
  return answers;
}
