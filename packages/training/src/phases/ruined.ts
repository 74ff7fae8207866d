import { figure, percent, type TensorData, type TrainPhase } from '@cultivar/sdk';
import { compare } from '../evaluation/paired-comparison.js';
import type { Snapshot } from '../run/run-state.js';
import type { RunWarning } from '../warnings.js';

/** Standard errors that are no chance any more. */
const certain = 2;
/** Of log-loss: what is lost by less is no ruin, however certain it is. */
const slight = 0.01;

/** Whether all numbers of a model, and what it says of images, are numbers. */
export function isFinite({ weights, kernel, bias, probabilities }: Pick<Snapshot, 'weights' | 'kernel' | 'bias' | 'probabilities'>): boolean {
  return [kernel, bias, probabilities, ...Object.values(weights)].every(({ data }) => data.every(Number.isFinite));
}

/**
 * What is to be said of a model that is kept though it is certainly worse than guessing, or than the model before: by two standard errors of the
 * paired difference of log-losses, each at its own temperature.
 * @param before probabilities of the model before, [N, K]; absent: there was none
 * @param labels N classes
 */
export function ruined({ name, learningRate, keep }: TrainPhase, { score, probabilities }: Pick<Snapshot, 'score' | 'probabilities'>, before: TensorData | undefined, labels: Int32Array): RunWarning | undefined {
  const [images = 0, classes = 1] = probabilities.shape;
  const guessing = { data: new Float32Array(images * classes).fill(1 / classes), shape: [images, classes] };
  const worseThan = (other: TensorData): boolean => {
    const { gain, standardError } = compare(probabilities, other, labels);
    return -gain > Math.max(slight, certain * standardError);
  };
  const than = worseThan(guessing) ? 'guessing' : before && worseThan(before) ? 'the model before it' : undefined;
  if (than === undefined) return undefined;
  const mend = keep === 'last' ? ', or leave out keep: last, without which the best epoch counts and training that does not pay is undone' : '';
  return {
    code: 'TRAINING_RUINED',
    message: `Phase ${name} ended with a model that is worse than ${than} (accuracy ${percent(score.accuracy)}, calibrated loss ${figure(score.calibratedLoss)}; guessing: ${figure(Math.log(classes))}), and it is kept. Lower the learning rate of ${learningRate}${mend}.`,
  };
}
