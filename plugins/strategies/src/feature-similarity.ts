import { figure, percent, inject, Random, similarity, type FeatureStatistics, type Similarity, type SimilarityMeasurement, type TensorData } from '@cultivar/sdk';
import { pairwiseMeanAccuracy } from './class-separation.js';
import { relativeDistance } from './feature-distance.js';

/** Images looked at, at most: the figures have settled long before. */
const most = 3000;

/**
 * score = exp(-distance) * separation: the features must look like those of the pretraining images, and they must tell the classes apart.
 *
 * distance: see {@link relativeDistance}. Trials with MobileNetV2: other ImageNet photos 0.01, hymenoptera 0.35, flowers 0.35,
 * neu-surface-defects 1.0. separation: 2 a - 1 of {@link pairwiseMeanAccuracy}, 0 at chance, 1 when all are right.
 * Without statistics of the backbone the separation alone is the score, and that is said.
 */
@similarity({
  name: 'feature-similarity',
  summary: 'How near the frozen features lie to those of the pretraining images, and how well they separate the classes',
  reference: 'Dowson & Landau 1982, The Fréchet distance between multivariate normal distributions; Mensink et al. 2013, Distance-based image classification (nearest class mean)',
})
export class FeatureSimilarity implements Similarity {
  @inject(Random) readonly random!: Random;

  measure(sample: { features: TensorData; labels: Int32Array; classes: number }, statistics?: FeatureStatistics): SimilarityMeasurement {
    const { features, labels } = this.atMost(sample);
    const { classes } = sample;
    const accuracy = pairwiseMeanAccuracy(features, labels, classes);
    const separation = Math.max(0, 2 * accuracy - 1);
    const told = `Frozen features lie nearer to the mean of their own class than to that of another in ${percent(accuracy, 0)} of all cases (chance: 50 %).`;
    if (!statistics || statistics.mean.length !== features.shape[1]) {
      return {
        score: separation,
        figures: { pairwiseAccuracy: accuracy, separation },
        reasons: [told, 'What the backbone saw is not known (it comes without statistics), so the separation of the classes alone is the score.'],
      };
    }
    const distance = relativeDistance(features, statistics);
    const closeness = Math.exp(-distance);
    return {
      score: closeness * separation,
      figures: { pairwiseAccuracy: accuracy, separation, distance, closeness },
      reasons: [told, `Their features lie ${figure(distance, 2)} away from those of the pretraining images (other ImageNet photos: about 0; 1 is as far as those are spread).`],
    };
  }

  private atMost(sample: { features: TensorData; labels: Int32Array }): { features: TensorData; labels: Int32Array } {
    const [rows = 0, width = 0] = sample.features.shape;
    if (rows <= most) return sample;
    const chosen = this.random.child('sample').permutation(rows).slice(0, most).sort((a, b) => a - b);
    const data = new Float32Array(most * width);
    chosen.forEach((row, index) => data.set(sample.features.data.subarray(row * width, (row + 1) * width), index * width));
    return { features: { data, shape: [most, width] }, labels: Int32Array.from(chosen, (row) => sample.labels[row]!) };
  }
}
