import { count, options, strategy, z, type Assessment, type FreezePlan, type Stage, type Strategy } from '@cultivar/sdk';
import { solveFirst, thaw } from './fine-tuning.js';

const schema = z.object({
  epochs: count.default(8).describe('Epochs of training'),
  views: count.default(4).describe('Augmented views of each image that are kept'),
});

/** Solve the classifier, then train the stages of the last resolution with it. */
@strategy({
  name: 'fine-tune-top',
  summary: 'Solve the classifier, then train the stages of the last resolution with it',
  reference: 'Yosinski et al. 2014, How transferable are features in deep neural networks?',
  options: schema,
})
export class FineTuneTop implements Strategy {
  @options() readonly options!: z.infer<typeof schema>;

  plan(_assessment: Assessment, stages: readonly Stage[]): FreezePlan {
    const { epochs, views } = this.options;
    const phase = thaw('fine-tune', stages, 1, epochs, views);
    return {
      phases: [solveFirst(stages), phase],
      reasons: [`The classifier is solved first; then the last stages, from ${phase.from} on, train with it, slowly, and have to beat it.`],
    };
  }
}
