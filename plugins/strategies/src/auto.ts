import { figure, strategy, type Assessment, type Delegation, type Stage, type Strategy } from '@cultivar/sdk';
import { thawedFrom } from './fine-tuning.js';
import { thresholds } from './thresholds.js';

/**
 * The matrix of the CS231n notes, "Transfer learning": small and similar -> linear classifier on top; small and different -> linear
 * classifiers from earlier stages; large and similar -> fine-tune the last stages; large and different -> fine-tune many. Where no
 * engine can train, the frozen strategies stand in.
 */
@strategy({
  name: 'auto',
  summary: 'Choose by size and similarity of the dataset, and say why',
  reference: 'Stanford CS231n notes, Transfer learning; Yosinski et al. 2014, How transferable are features in deep neural networks?',
})
export class Auto implements Strategy {
  /** Where its two plans that train begin, as far as the size of the dataset allows them. */
  thaws({ trainImages, classes }: Pick<Assessment, 'trainImages' | 'classes'>, stages: readonly Stage[]): string[] {
    if (trainImages / classes < thresholds.largePerClass) return [];
    return [
      ...(trainImages >= thresholds.largeSimilar ? [thawedFrom(stages, 1)] : []),
      ...(trainImages >= thresholds.largeDifferent ? [thawedFrom(stages, 2)] : []),
    ];
  }

  plan({ trainImages, classes, similarity, engine }: Assessment): Delegation {
    const perClass = trainImages / classes;
    const similar = similarity.score >= thresholds.similar;
    const many = similar ? thresholds.largeSimilar : thresholds.largeDifferent;
    const large = trainImages >= many && perClass >= thresholds.largePerClass;
    const size = large
      ? `${trainImages} training images count as many (${many} or more)`
      : trainImages >= many
        ? `${trainImages} training images count as few, since each class has ${Math.round(perClass)} (${thresholds.largePerClass} or more would be many)`
        : `${trainImages} training images count as few (under ${many})`;
    const likeness = `a similarity of ${figure(similarity.score, 2)} counts as ${similar ? 'similar to' : 'different from'} what the backbone saw (the limit is ${thresholds.similar})`;
    const reasons = [`${size}; ${likeness}.`];
    const delegate = (name: string, reason: string, options: object = {}): Delegation => ({ delegate: { name, ...options }, reasons: [...reasons, reason] });
    const unless = { worthwhileFrom: thresholds.worthwhile };
    const where = `if the classifier solved first leaves something to gain (a log-loss of ${thresholds.worthwhile} or more in cross-validation).`;

    if (large && engine && !engine.trains) return delegate('stage-probe', `Fine-tuning would suit that, but no engine here can train (${engine.name} does inference only); frozen stages are probed instead.`);
    if (large && similar) return delegate('fine-tune-top', `Large and similar: the last stages are fine-tuned, ${where}`, unless);
    if (large) return delegate('fine-tune-deep', `Large and different: many stages are fine-tuned, ${where}`, unless);
    if (!similar) return delegate('stage-probe', 'Small and different: the top features are made for other images, so classifiers on earlier stages are tried as well.');
    if (perClass >= thresholds.joinedPerClass) {
      return delegate('stage-probe', `Small and similar, but with ${Math.round(perClass)} images a class there are enough (${thresholds.joinedPerClass} or more) to find out whether earlier stages add something to the top features.`);
    }
    return delegate('linear-probe', 'Small and similar: a linear classifier on the top features.');
  }
}
