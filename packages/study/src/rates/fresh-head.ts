import { count, options, strategy, z, type Assessment, type FreezePlan, type Stage, type Strategy } from '@cultivar/sdk';

const schema = z.object({
  stages: count.default(1).describe('Stages that train, counted from the top'),
  epochs: count.default(5).describe('Epochs of training'),
});

/**
 * A drawn classifier and the last stages, trained together from the first step on: nothing is solved first, so that there is a way to go
 * down. For studies of optimizers and rates, where a fine-tune begins too near its end.
 */
@strategy({
  name: 'fresh-head',
  summary: 'Train the last stages with a classifier drawn at random: for studies',
  reference: 'Yosinski et al. 2014, How transferable are features in deep neural networks?',
  options: schema,
})
export class FreshHead implements Strategy {
  @options() readonly options!: z.infer<typeof schema>;

  plan(_assessment: Assessment, stages: readonly Stage[]): FreezePlan {
    const from = stages[Math.max(0, stages.length - this.options.stages)]!;
    return {
      phases: [{ kind: 'train', name: 'fresh-head', from: from.name, epochs: this.options.epochs, batchSize: 32, learningRate: 1e-3, rates: {}, batchNorm: 'frozen', views: 1 }],
      reasons: [`A drawn classifier trains with the network from ${from.name} on; nothing is solved first.`],
    };
  }
}
