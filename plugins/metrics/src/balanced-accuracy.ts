import { metric, type Metric, type TensorData } from '@cultivar/sdk';
import { countsOf, mean } from './counts.js';

/** Mean over the classes of right_k / images_k: a class of few images counts as much as one of many. Classes without images do not count. */
@metric({
  name: 'balanced-accuracy',
  summary: 'Mean of the recall of each class, 0..1',
  reference: 'Brodersen et al. 2010, The balanced accuracy and its posterior distribution',
})
export class BalancedAccuracy implements Metric {
  compute({ probabilities, labels }: { probabilities: TensorData; labels: Int32Array }): number {
    return mean(countsOf(probabilities, labels).filter(({ images }) => images > 0).map(({ images, right }) => right / images));
  }
}
