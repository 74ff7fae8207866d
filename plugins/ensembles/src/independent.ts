import { count, ensemble, options, z, type Combination, type Ensemble, type EnsembleTask, type Member, type MemberPlan } from '@cultivar/sdk';
import { equalShares } from './shares.js';

const schema = z.object({ members: count.default(5).describe('Models that are trained') });

/** Models of different seeds, on the same images; p = 1/M sum_m p_m. */
@ensemble({
  name: 'independent',
  summary: 'Train several models of different seeds and average their probabilities',
  reference: 'Hansen & Salamon 1990, Neural network ensembles; Stanford CS231n notes, Model ensembles',
  options: schema,
})
export class Independent implements Ensemble {
  @options() readonly options!: z.infer<typeof schema>;

  next(members: readonly Member[], { random }: EnsembleTask): MemberPlan | undefined {
    return members.length < this.options.members ? { seed: random.child('member').child(members.length).seed() } : undefined;
  }

  combine(members: readonly Member[]): Combination {
    return { rule: 'average', shares: equalShares(members.length) };
  }
}
