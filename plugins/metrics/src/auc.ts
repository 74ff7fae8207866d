import { metric, type Metric, type TensorData } from '@cultivar/sdk';
import { overClasses, type Tie } from './one-against-rest.js';

/**
 * Of each class against the rest, how often an image of it is given a higher probability of it than another one is, ties counting half: the area under the
 * receiver operating characteristic, (U of Mann and Whitney) / (own * others). Mean over the classes that have both.
 */
@metric({
  name: 'auc',
  summary: 'Area under the ROC curve of each class against the rest, on the mean, 0..1; 0.5 is chance',
  reference: 'Hanley & McNeil 1982, The meaning and use of the area under a receiver operating characteristic curve; Provost & Domingos 2000 (one against rest)',
})
export class AreaUnderCurve implements Metric {
  compute(predictions: { probabilities: TensorData; labels: Int32Array }): number {
    return overClasses(predictions, areaUnder);
  }
}

function areaUnder(ties: readonly Tie[]): number {
  let [above, others, pairs] = [0, 0, 0];
  for (const tie of ties) {
    pairs += tie.others * (above + tie.own / 2);
    above += tie.own;
    others += tie.others;
  }
  return pairs / (above * others);
}
