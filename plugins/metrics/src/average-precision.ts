import { metric, type Metric, type TensorData } from '@cultivar/sdk';
import { overClasses, type Tie } from './one-against-rest.js';

/** Of each class against the rest, the sum over thresholds of (recall_n - recall_(n-1)) precision_n, without interpolation. Mean over the classes that have images. */
@metric({
  name: 'average-precision',
  summary: 'Area under the precision-recall curve of each class against the rest, on the mean, 0..1',
  reference: 'Salton & McGill 1983, Introduction to modern information retrieval; Davis & Goadrich 2006, The relationship between precision-recall and ROC curves (no interpolation)',
})
export class AveragePrecision implements Metric {
  compute(predictions: { probabilities: TensorData; labels: Int32Array }): number {
    return overClasses(predictions, averagePrecision);
  }
}

function averagePrecision(ties: readonly Tie[]): number {
  let [own, seen, sum] = [0, 0, 0];
  for (const tie of ties) {
    own += tie.own;
    seen += tie.own + tie.others;
    sum += tie.own * (own / seen);
  }
  return sum / own;
}
