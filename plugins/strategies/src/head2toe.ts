import { options, strategy, z, type Assessment, type FreezePlan, type Stage, type Strategy } from '@cultivar/sdk';

const share = z.number().gt(0).max(1);
const ascending = (values: readonly number[]): boolean => values.every((value, index) => index === 0 || value > values[index - 1]!);
const schema = z.object({
  penalty: z.number().gt(0).lt(1).default(0.05).describe('Of the group lasso, as a share of the least penalty under which no feature is kept'),
  fractions: z.array(share).min(1).refine(ascending, 'the least comes first').default([0.02, 0.05, 0.1, 0.2, 0.4, 1])
    .describe('Shares of the features to choose from by cross-validation, such as [0.05;0.2;1]'),
});

/**
 * Everything frozen; the pooled features of all stages are joined. A linear classifier with a group lasso, a group for each feature, is solved on
 * them; the share of them with the longest weights is kept that has the lowest cross-validated log-loss, and the classifier is solved on those.
 * The top features by themselves are a choice as well: where they are made for such images, whatever is joined to them does harm.
 */
@strategy({
  name: 'head2toe',
  summary: 'Freeze everything, join the features of all stages, keep those that a group lasso scores highest, and solve a linear classifier on them',
  reference: 'Evci et al. 2022, Head2Toe: utilizing intermediate representations for better transfer learning; Yuan & Lin 2006 (group lasso)',
  options: schema,
})
export class Head2Toe implements Strategy {
  @options() readonly options!: z.infer<typeof schema>;

  reads(stages: readonly Stage[]): string[] {
    return stages.map(({ name }) => name);
  }

  plan(_assessment: Assessment, stages: readonly Stage[]): FreezePlan {
    const { penalty, fractions } = this.options;
    return {
      phases: [{ kind: 'solve', name: 'head2toe', candidates: [[stages.at(-1)!.name]], select: { stages: this.reads(stages), penalty, fractions: [...fractions] } }],
      reasons: [`The features of all ${stages.length} stages are joined and scored by a group lasso; of ${fractions.length} shares of them, and of the top features alone, the one with the lowest log-loss in cross-validation is taken. The backbone stays as it is.`],
    };
  }
}
