import { count, options, strategy, z, type Assessment, type FreezePlan, type Stage, type Strategy } from '@cultivar/sdk';
import { solveFirst, thaw } from './fine-tuning.js';

const schema = z.object({
  epochs: count.default(9).describe('Epochs in all, shared out among the phases'),
  views: count.default(5).describe('Augmented copies made of each image, of which an epoch trains on one'),
  resolutions: count.default(3).describe('How many resolutions thaw in the end, counted from the top'),
});

/**
 * Solve the classifier, then thaw from the top down, a resolution more in each phase; each phase begins with what the one before left and has
 * to beat it.
 */
@strategy({
  name: 'gradual-unfreezing',
  summary: 'Solve the classifier, then thaw one resolution after the other, from the top down',
  reference: 'Howard & Ruder 2018, Universal language model fine-tuning for text classification, section 3.3 (gradual unfreezing)',
  options: schema,
})
export class GradualUnfreezing implements Strategy {
  @options() readonly options!: z.infer<typeof schema>;

  plan(assessment: Assessment, stages: readonly Stage[]): FreezePlan {
    const { epochs, views, resolutions } = this.options;
    const all = Array.from({ length: resolutions }, (_, index) => thaw(assessment, stages, { name: `thaw-${index + 1}`, resolutions: index + 1, epochs: 1, views }));
    const different = all.filter((phase, index) => index === 0 || phase.from !== all[index - 1]!.from);
    const share = Math.max(1, Math.round(epochs / different.length));
    return {
      phases: [solveFirst(stages), ...different.map((phase) => ({ ...phase, epochs: share }))],
      reasons: [`The classifier is solved first; then the stages thaw from the top down, in ${different.length} phases: from ${different.map(({ from }) => from).join(', from ')}. Each has to beat what was there before.`],
    };
  }
}
