import { metric, type Metric, type TensorData } from '@cultivar/sdk';

/** Mean over the images of sum_k (p_k - y_k)^2, y being 1 for the true class: 0 where all is known for sure, 2 where all is surely wrong. */
@metric({
  name: 'brier-score',
  summary: 'Mean squared error of the probabilities, summed over the classes, 0..2; lower is better',
  reference: 'Brier 1950, Verification of forecasts expressed in terms of probability',
})
export class BrierScore implements Metric {
  compute({ probabilities: { data, shape: [, classes = 0] }, labels }: { probabilities: TensorData; labels: Int32Array }): number {
    let sum = 0;
    labels.forEach((label, row) => {
      for (let k = 0; k < classes; k += 1) sum += (data[row * classes + k]! - Number(k === label)) ** 2;
    });
    return sum / labels.length;
  }
}
