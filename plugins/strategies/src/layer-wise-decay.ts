import { count, fraction, options, strategy, z, type Assessment, type FreezePlan, type Stage, type Strategy } from '@cultivar/sdk';
import { solveFirst, thaw } from './fine-tuning.js';

const schema = z.object({
  epochs: count.default(9).describe('Epochs of training'),
  views: count.default(5).describe('Augmented copies made of each image, of which an epoch trains on one'),
  decay: fraction.default(0.7).describe('Share of the rate that the next stage below has'),
});

/** Solve the classifier, then train every stage but that at the pixels with it; rate of the stage d below the top: rate * decay^d. */
@strategy({
  name: 'layer-wise-decay',
  summary: 'Solve the classifier, then train all stages, each slower than the one above it',
  reference: 'Clark et al. 2020, ELECTRA (layer-wise learning-rate decay); Howard & Ruder 2018 (discriminative rates); Yosinski et al. 2014',
  options: schema,
})
export class LayerWiseDecay implements Strategy {
  @options() readonly options!: z.infer<typeof schema>;

  plan(assessment: Assessment, stages: readonly Stage[]): FreezePlan {
    const { epochs, views, decay } = this.options;
    const phase = thaw(assessment, stages, { name: 'fine-tune', resolutions: stages.length, epochs, views });
    const thawed = stages.slice(Math.min(1, stages.length - 1));
    const rates = Object.fromEntries(thawed.map((stage, index) => [stage.name, decay ** (thawed.length - 1 - index)]));
    return {
      phases: [solveFirst(stages), { ...phase, from: thawed[0]!.name, rates: { ...rates, head: 1 } }],
      reasons: [`The classifier is solved first; then all stages from ${thawed[0]!.name} on train with it, each at ${decay} of the rate of the one above, and have to beat it.`],
    };
  }
}
