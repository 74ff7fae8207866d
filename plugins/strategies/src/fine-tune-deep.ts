import { count, options, strategy, z, type Assessment, type FreezePlan, type Stage, type Strategy } from '@cultivar/sdk';
import { solveFirst, thaw } from './fine-tuning.js';

const schema = z.object({
  epochs: count.default(12).describe('Epochs of training, of which a quarter train the last stages alone'),
  views: count.default(4).describe('Augmented views of each image that are kept'),
  resolutions: count.default(3).describe('How many resolutions thaw, counted from the top'),
});

/** Solve the classifier, train the last stages with it, then thaw further ones: gradual unfreezing. */
@strategy({
  name: 'fine-tune-deep',
  summary: 'Solve the classifier, train the last stages, then many more',
  reference: 'Howard & Ruder 2018, Universal language model fine-tuning (gradual unfreezing); Yosinski et al. 2014',
  options: schema,
})
export class FineTuneDeep implements Strategy {
  @options() readonly options!: z.infer<typeof schema>;

  plan(_assessment: Assessment, stages: readonly Stage[]): FreezePlan {
    const { epochs, views, resolutions } = this.options;
    const first = Math.max(1, Math.round(epochs / 4));
    const top = thaw('fine-tune-last', stages, 1, first, views);
    const deep = thaw('fine-tune-deep', stages, resolutions, Math.max(1, epochs - first), views);
    const phases = deep.from === top.from ? [{ ...deep, epochs }] : [top, deep];
    return {
      phases: [solveFirst(stages), ...phases],
      reasons: [`The classifier is solved first; then the last stages train with it, then all from ${deep.from} on, earlier ones slower. Each step has to beat the one before.`],
    };
  }
}
