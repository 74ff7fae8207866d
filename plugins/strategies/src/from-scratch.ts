import { count, options, positive, strategy, z, type Assessment, type FreezePlan, type Stage, type Strategy } from '@cultivar/sdk';

const schema = z.object({
  epochs: count.default(60).describe('Epochs of training'),
  views: count.default(8).describe('Augmented copies made of each image, of which an epoch trains on one'),
  learningRate: positive.default(3e-3).describe('Base rate'),
  batchSize: count.default(32).describe('Images in a step'),
});

/**
 * All weights drawn anew, batch-norm on the batches: what pretraining is worth is the distance to this. Where images are few it is far behind;
 * where they are many it catches up.
 */
@strategy({
  name: 'from-scratch',
  summary: 'Draw all weights anew and train everything: what pretraining has to beat',
  reference: 'He, Girshick & Dollar 2019, Rethinking ImageNet pre-training; Kornblith, Shlens & Le 2019',
  options: schema,
})
export class FromScratch implements Strategy {
  @options() readonly options!: z.infer<typeof schema>;

  plan(_: Assessment, stages: readonly Stage[]): FreezePlan {
    const { epochs, views, learningRate, batchSize } = this.options;
    return {
      phases: [{
        kind: 'train', name: 'from-scratch', from: stages[0]!.name, fresh: true, epochs, batchSize, learningRate, rates: {}, batchNorm: 'train', views,
        optimizer: { name: 'adam', weightDecay: 1e-4 }, schedule: { name: 'cosine', warmup: 0.1 },
      }],
      reasons: ['Nothing of the pretrained weights is used: all are drawn anew and train together.'],
    };
  }
}
