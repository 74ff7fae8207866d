import { count, ensemble, options, z, type Combination, type Ensemble, type EnsembleTask, type Member, type MemberPlan } from '@cultivar/sdk';
import { equalShares } from './shares.js';

const schema = z.object({
  members: count.default(5).describe('Cycles of the learning rate; the model at the end of each is a member'),
});

/**
 * One training for the price of one: the rate falls and is raised again, M times; each time it has fallen, the weights are kept. p = 1/M
 * sum_m p_m. The schedule of the phase (`cosine`, unless another is asked for) is gone through once in each cycle.
 */
@ensemble({
  name: 'snapshot',
  summary: 'Train once with a cyclic rate, keep the model at the end of each cycle, average their probabilities',
  reference: 'Huang et al. 2017, Snapshot ensembles: train 1, get M for free; Loshchilov & Hutter 2017, SGDR',
  options: schema,
})
export class Snapshot implements Ensemble {
  @options() readonly options!: z.infer<typeof schema>;

  next(members: readonly Member[], { random }: EnsembleTask): MemberPlan | undefined {
    return members.length === 0 ? { seed: random.child('member').child(0).seed(), snapshots: this.options.members } : undefined;
  }

  combine(members: readonly Member[]): Combination {
    return { rule: 'average', shares: equalShares(members.length) };
  }
}
