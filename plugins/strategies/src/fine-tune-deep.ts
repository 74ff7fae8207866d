import { count, options, strategy, z, type Assessment, type FreezePlan, type Stage, type Strategy } from '@cultivar/sdk';
import { solveFirst, thaw, thawedFrom, worthwhileFrom } from './fine-tuning.js';

const schema = z.object({
  epochs: count.default(9).describe('Epochs of training'),
  views: count.default(5).describe('Augmented copies made of each image, of which an epoch trains on one; up to one an epoch where there are few images'),
  resolutions: count.default(2).describe('How many resolutions thaw, counted from the top'),
  worthwhileFrom,
});

/** Solve the classifier, then train the stages of several resolutions with it, earlier ones slower. */
@strategy({
  name: 'fine-tune-deep',
  summary: 'Solve the classifier, then train the stages of several resolutions with it',
  reference: 'Kumar et al. 2022, Fine-tuning can distort pretrained features (LP-FT); Howard & Ruder 2018 (discriminative rates); Yosinski et al. 2014',
  options: schema,
})
export class FineTuneDeep implements Strategy {
  @options() readonly options!: z.infer<typeof schema>;

  thaws(_known: unknown, stages: readonly Stage[]): string[] {
    return [thawedFrom(stages, this.options.resolutions)];
  }

  plan(assessment: Assessment, stages: readonly Stage[]): FreezePlan {
    const phase = thaw(assessment, stages, { name: 'fine-tune', ...this.options });
    return {
      phases: [solveFirst(stages), phase],
      reasons: [`The classifier is solved first; then all stages from ${phase.from} on train with it, earlier ones slower, and have to beat it.`],
    };
  }
}
