import { count, ensemble, options, z, type Combination, type Ensemble, type EnsembleTask, type Member, type MemberPlan, type TensorData } from '@cultivar/sdk';

const schema = z.object({ members: count.default(5).describe('Models that are trained, and may go into the soup') });

/**
 * Greedy soup: models fine-tuned from one pretrained backbone, and one classifier solved on it, with different seeds; the best goes in first, then each in turn stays in
 * if the mean of the weights is then no less accurate on the validation images. One model comes out, as fast as any.
 */
@ensemble({
  name: 'soup',
  summary: 'Train several models of different seeds and average the weights of those that go together',
  reference: 'Wortsman et al. 2022, Model soups, recipe 1 (greedy soup)',
  options: schema,
})
export class Soup implements Ensemble {
  @options() readonly options!: z.infer<typeof schema>;

  next(members: readonly Member[], { random }: EnsembleTask): MemberPlan | undefined {
    // Weights have a mean that means something where they come from one place: the same classifier on the same features too.
    const start = random.child('start').seed();
    return members.length < this.options.members ? { seed: random.child('member').child(members.length).seed(), start } : undefined;
  }

  async combine(members: readonly Member[], { measuredLabels }: EnsembleTask, soup: (members: readonly number[]) => Promise<TensorData>): Promise<Combination> {
    const accuracies = members.map(({ measured }) => accuracy(measured, measuredLabels));
    const order = [...members.keys()].sort((a, b) => accuracies[b]! - accuracies[a]!);
    let taken = order.slice(0, 1);
    let best = accuracies[taken[0]!]!;
    for (const candidate of order.slice(1)) {
      const found = accuracy(await soup([...taken, candidate]), measuredLabels);
      if (found < best) continue;
      taken = [...taken, candidate];
      best = found;
    }
    return { rule: 'soup', members: taken };
  }
}

function accuracy({ data, shape: [, classes = 0] }: TensorData, labels: Int32Array): number {
  const right = labels.reduce((sum, label, row) => {
    let most = 0;
    for (let k = 1; k < classes; k += 1) if (data[row * classes + k]! > data[row * classes + most]!) most = k;
    return sum + (most === label ? 1 : 0);
  }, 0);
  return right / labels.length;
}
