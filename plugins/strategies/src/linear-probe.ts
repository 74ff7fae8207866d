import { strategy, type Assessment, type FreezePlan, type Stage, type Strategy } from '@cultivar/sdk';

/** Everything frozen; a linear classifier is solved on the pooled features of the top. */
@strategy({
  name: 'linear-probe',
  summary: 'Freeze everything and solve a linear classifier on the top features',
  reference: 'Donahue et al. 2014, DeCAF; Razavian et al. 2014, CNN features off-the-shelf',
})
export class LinearProbe implements Strategy {
  plan(_assessment: Assessment, stages: readonly Stage[]): FreezePlan {
    return {
      phases: [{ kind: 'solve', name: 'linear-probe', candidates: [[stages.at(-1)!.name]] }],
      reasons: ['A linear classifier is solved on the top features; the backbone stays as it is.'],
    };
  }
}
