import { count, options, strategy, z, type Assessment, type FreezePlan, type Stage, type Strategy } from '@cultivar/sdk';
import { solveFirst, thaw, thawedFrom, worthwhileFrom } from './fine-tuning.js';

const schema = z.object({
  epochs: count.default(9).describe('Epochs of training'),
  views: count.default(5).describe('Augmented copies made of each image, of which an epoch trains on one; up to one an epoch where there are few images'),
  worthwhileFrom,
});

/** Solve the classifier, then train the stages of the last resolution with it. */
@strategy({
  name: 'fine-tune-top',
  summary: 'Solve the classifier, then train the stages of the last resolution with it',
  reference: 'Kumar et al. 2022, Fine-tuning can distort pretrained features (LP-FT); Yosinski et al. 2014, How transferable are features in deep neural networks?',
  options: schema,
})
export class FineTuneTop implements Strategy {
  @options() readonly options!: z.infer<typeof schema>;

  thaws(_known: unknown, stages: readonly Stage[]): string[] {
    return [thawedFrom(stages, 1)];
  }

  plan(assessment: Assessment, stages: readonly Stage[]): FreezePlan {
    const phase = thaw(assessment, stages, { name: 'fine-tune', resolutions: 1, ...this.options });
    return {
      phases: [solveFirst(stages), phase],
      reasons: [`The classifier is solved first; then the last stages, from ${phase.from} on, train with it, slowly, and have to beat it.`],
    };
  }
}
