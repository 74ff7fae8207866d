import { strategy, type Assessment, type FreezePlan, type Stage, type Strategy } from '@cultivar/sdk';
import { stageCandidates } from './stage-candidates.js';

/** Everything frozen; linear classifiers are solved on the pooled features of several stages, alone and joined; the best is taken. */
@strategy({
  name: 'stage-probe',
  summary: 'Freeze everything and solve linear classifiers on several stages, alone and joined; the best by cross-validation',
  reference: 'Evci et al. 2022, Head2Toe: utilizing intermediate representations for better transfer learning',
})
export class StageProbe implements Strategy {
  plan(_assessment: Assessment, stages: readonly Stage[]): FreezePlan {
    const candidates = stageCandidates(stages);
    return {
      phases: [{ kind: 'solve', name: 'stage-probe', candidates }],
      reasons: [`Linear classifiers are solved on ${candidates.length} sets of stages, alone and joined; the one with the lowest log-loss in cross-validation is taken. The backbone stays as it is.`],
    };
  }
}
