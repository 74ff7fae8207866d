/** What the command line tells of data, assessment, plan and result. */
import type { Assessment, EpochRecord, FreezePlan, Phase } from '@cultivar/sdk';
import type { Evaluation, TrainingEvent } from '@cultivar/training';
import { counted, duration, figure, percent, shortened, table } from './words.js';

/** Of long lists this many are told; the bundle holds all. */
const told = 10;
/** Classes that are told one by one. */
const classesTold = 20;
/** Classes up to which the whole confusion matrix fits on a terminal. */
const confusionTold = 10;

/** The part of a scanned dataset that is told. */
export interface TellableDataset {
  root: string;
  layout: string;
  classes: readonly string[];
  samples: readonly { label: number; split?: string }[];
  setAside: readonly SetAside[];
  duplicates: readonly Duplicate[];
}

interface SetAside {
  path: string;
  reason: string;
}

interface Duplicate {
  acrossSplit: boolean;
  conflicting: boolean;
}

export function datasetLines(dataset: TellableDataset): string[] {
  const { samples, classes } = dataset;
  const counts = classes.map((label, index) => ({ label, images: samples.filter((sample) => sample.label === index).length }));
  const splits = ['train', 'val', 'test'].flatMap((split) => {
    const images = samples.filter((sample) => sample.split === split).length;
    return images > 0 ? [`${images} ${split}`] : [];
  });
  return [
    `Data: ${dataset.root}`,
    `  ${counted(samples.length, 'images')} of ${counted(classes.length, 'classes', 'class')}${splits.length > 0 ? ` (${splits.join(', ')})` : ''}`,
    ...classCountLines(counts),
    ...setAsideLines(dataset.setAside),
    ...duplicateLines(dataset.duplicates),
  ];
}

function classCountLines(counts: { label: string; images: number }[]): string[] {
  if (counts.length > classesTold) {
    const images = counts.map((entry) => entry.images);
    return [`  from ${Math.min(...images)} to ${Math.max(...images)} images a class`];
  }
  return table(counts.map(({ label, images }) => [`  ${shortened(label, 40)}`, String(images)]), ['left', 'right']);
}

/** Files that were not used, with the reason for each. */
export function setAsideLines(setAside: readonly SetAside[]): string[] {
  if (setAside.length === 0) return [];
  return [
    `  ${counted(setAside.length, 'files')} set aside:`,
    ...setAside.slice(0, told).map(({ path, reason }) => `    ${path}: ${reason}`),
    ...(setAside.length > told ? [`    and ${setAside.length - told} more; all are listed by npx cultivar data check --json and in the bundle`] : []),
  ];
}

export function duplicateLines(duplicates: readonly Duplicate[]): string[] {
  if (duplicates.length === 0) return [];
  const across = duplicates.filter(({ acrossSplit }) => acrossSplit).length;
  const conflicting = duplicates.filter((duplicate) => duplicate.conflicting).length;
  const parts = [
    ...(across > 0 ? [`${across} across the split`] : []),
    ...(conflicting > 0 ? [`${conflicting} under two different classes`] : []),
  ];
  return [`  ${counted(duplicates.length, 'exact duplicates')} left out${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`];
}

/** Before a run: how many images there are and for what. Files that were set aside are told by the scan itself. */
export function datasetEventLines(event: Extract<TrainingEvent, { type: 'dataset' }>): string[] {
  const { classes, train, validation, test, setAside, duplicates } = event;
  const parts = [`${train} to train on`, ...(validation > 0 ? [`${validation} to validate`] : []), ...(test > 0 ? [`${test} to test`] : [])];
  const left = [...(setAside > 0 ? [`${setAside} set aside`] : []), ...(duplicates > 0 ? [`${counted(duplicates, 'duplicates')} left out`] : [])];
  return [
    `Data: ${counted(train + validation + test, 'images')} of ${counted(classes.length, 'classes', 'class')}: ${parts.join(', ')}${left.length > 0 ? ` (${left.join(', ')})` : ''}`,
    ...(classes.length <= classesTold ? [`  ${classes.map((label) => shortened(label, 40)).join(', ')}`] : []),
  ];
}

/** One line for each epoch; a solve has one record and no epochs. */
export function epochLine(record: EpochRecord, solved = false): string {
  return `  ${record.phase}${solved ? '' : `, epoch ${record.epoch}`}: loss ${figure(record.loss)}, validation loss ${figure(record.validationLoss)}, ` +
    `accuracy ${percent(record.validationAccuracy)}, ${duration(record.seconds)}`;
}

export function assessmentLines(assessment: Assessment): string[] {
  const { similarity } = assessment;
  return [
    'Assessment',
    `  ${counted(assessment.trainImages, 'images')} to train on, ${counted(assessment.classes, 'classes', 'class')}; similarity to the pretraining images ${figure(similarity.score, 2)} of 1`,
    ...similarity.reasons.map((reason) => `  ${reason}`),
  ];
}

function phaseLine(phase: Phase): string {
  if (phase.kind === 'solve') {
    const sets = [...phase.candidates.map((stages) => stages.join(' + ')), ...(phase.select ? [`a share of the features of ${phase.select.stages.join(' + ')}`] : [])];
    return `${phase.name}: solve the classifier on the frozen features of ${sets.length === 1 ? sets[0] : `the best of ${sets.join(' | ')}`}`;
  }
  return `${phase.name}: train from stage ${phase.from} on, ${counted(phase.epochs, 'epochs')} of batches of ${phase.batchSize}, ` +
    `rate ${phase.learningRate}, batch norm ${phase.batchNorm === 'frozen' ? 'frozen' : 'training'}, ${counted(phase.views, 'views')}`;
}

export function planLines(strategy: string, plan: FreezePlan): string[] {
  return [
    `Plan: ${strategy}`,
    ...plan.reasons.map((reason) => `  because ${reason.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase())}`),
    ...plan.phases.map((phase, index) => `  ${index + 1}. ${phaseLine(phase)}`),
  ];
}

export function evaluationLines(evaluation: Evaluation): string[] {
  const lines = [
    `Result on ${counted(evaluation.images, 'images')}${evaluation.split ? ` (${evaluation.split})` : ''}`,
    `  accuracy ${percent(evaluation.accuracy)}${between(evaluation.intervals?.accuracy)}   loss ${figure(evaluation.loss)}   calibration error ${percent(evaluation.calibrationError)}`,
  ];
  for (const [name, value] of Object.entries(evaluation.extra ?? {})) lines.push(`  ${name} ${figure(value)}${around(evaluation.intervals?.extra[name])}`);
  const classes = evaluation.perClass.length <= classesTold
    ? evaluation.perClass
    : evaluation.perClass.filter(({ f1 }) => f1 !== null).sort((a, b) => a.f1! - b.f1!).slice(0, told);
  if (classes.length < evaluation.perClass.length) lines.push(`  the ${classes.length} weakest of ${evaluation.perClass.length} classes:`);
  lines.push(...table([
    ['  class', 'precision', 'recall', 'F1', 'images'],
    ...classes.map(({ label, precision, recall, f1, support }) => [`  ${shortened(label, 40)}`, percent(precision), percent(recall), percent(f1), String(support)]),
  ], ['left', 'right', 'right', 'right', 'right']));
  lines.push(...confusionLines(evaluation));
  return lines;
}

/** The 95 % interval of a share. */
function between(interval: { low: number; high: number } | undefined): string {
  return interval ? ` (95 %: ${percent(interval.low)} to ${percent(interval.high)})` : '';
}

/** The 95 % interval of any figure. */
function around(interval: { low: number; high: number } | null | undefined): string {
  return interval ? ` (95 %: ${figure(interval.low)} to ${figure(interval.high)})` : '';
}

function confusionLines({ confusion, perClass }: Evaluation): string[] {
  if (perClass.length <= confusionTold) {
    return ['  confusion (rows: true class, columns: predicted)', ...table(
      confusion.map((row, index) => [`  ${shortened(perClass[index]?.label ?? '', 20)}`, ...row.map(String)]),
      ['left', ...perClass.map(() => 'right' as const)],
    )];
  }
  const mistakes = confusion.flatMap((row, truth) => row.flatMap((images, guess) => (images > 0 && truth !== guess ? [{ truth, guess, images }] : [])));
  if (mistakes.length === 0) return [];
  return ['  most frequent mistakes', ...mistakes.sort((a, b) => b.images - a.images).slice(0, 5)
    .map(({ truth, guess, images }) => `    ${shortened(perClass[truth]?.label ?? '', 40)} taken for ${shortened(perClass[guess]?.label ?? '', 40)}: ${images}`)];
}
