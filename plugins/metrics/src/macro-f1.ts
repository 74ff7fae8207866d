import { metric, type Metric, type TensorData } from '@cultivar/sdk';
import { countsOf, mean } from './counts.js';

/** Mean over the classes of 2 right_k / (images_k + predicted_k). Classes that neither have images nor were predicted do not count. */
@metric({
  name: 'macro-f1',
  summary: 'Mean of the F1 score of each class, 0..1',
  reference: 'van Rijsbergen 1979, Information retrieval, chapter 7; Opitz & Burst 2019, Macro F1 and macro F1 (the mean of F1 scores)',
})
export class MacroF1 implements Metric {
  compute({ probabilities, labels }: { probabilities: TensorData; labels: Int32Array }): number {
    return mean(countsOf(probabilities, labels).filter(({ images, predicted }) => images + predicted > 0).map(({ images, predicted, right }) => (2 * right) / (images + predicted)));
  }
}
