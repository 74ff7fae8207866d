import { contributionOf, Contributions, fraction, inject, options, schedule, z, type EpochRecord, type Schedule } from '@cultivar/sdk';

const schema = z.object({
  of: contributionOf('schedule').default('cosine').describe('The schedule behind it'),
  share: z.number().gt(0).lt(1).default(0.1).describe('Share of the phase in which the rate rises, 0 < share < 1'),
  from: fraction.default(0).describe('Multiplier at the start, 0..1'),
});

/**
 * In a straight line from `from` to 1 within the first `share` of the phase; then another schedule, which has its whole course in
 * what is left. One that counts epochs or steps counts those of the rise as well.
 *
 * Source: Goyal et al. 2017, "Accurate, large minibatch SGD: training ImageNet in 1 hour", section 2.2; the same numbers as
 * `torch.optim.lr_scheduler.SequentialLR` of a `LinearLR` and another.
 */
@schedule({
  name: 'warm-up',
  summary: 'Rise in a straight line first, then follow any other schedule',
  reference: 'Goyal et al. 2017, Accurate, large minibatch SGD: training ImageNet in 1 hour',
  options: schema,
})
export class WarmUp implements Schedule {
  @options() readonly options!: z.infer<typeof schema>;
  @inject(Contributions) readonly contributions!: Contributions;
  #of: Schedule | undefined;

  at(position: number, state: { step: number; epoch: number; history: readonly EpochRecord[] }): number {
    const { of, share, from } = this.options;
    this.#of ??= this.contributions.create<Schedule>('schedule', of);
    if (position < share) return from + ((1 - from) * position) / share;
    return this.#of.at((position - share) / (1 - share), state);
  }
}
