import { count, fraction, options, schedule, z, type Schedule } from '@cultivar/sdk';

const schema = z.object({
  cycles: count.default(3).describe('Half cosines in a phase'),
  growth: z.number().min(1).default(1).describe('Length of each as a multiple of the one before, at least 1'),
  floor: fraction.default(0).describe('Multiplier at the end of each, 0..1'),
});

/**
 * Half a cosine from 1 down to the floor, then at once up to 1 again, `cycles` times in the phase; cycle c takes a share of
 * growth^c of the phase:
 * multiplier(u) = floor + (1 - floor) * (1 + cos(pi * u)) / 2, u from 0 to 1 within a cycle.
 *
 * Source: Loshchilov & Hutter 2017, "SGDR: stochastic gradient descent with warm restarts"; the same numbers as
 * `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`.
 */
@schedule({
  name: 'cosine-restarts',
  summary: 'Half cosines, one after the other, each from the base rate down',
  reference: 'Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts',
  options: schema,
})
export class CosineRestarts implements Schedule {
  @options() readonly options!: z.infer<typeof schema>;

  at(position: number): number {
    const { cycles, growth, floor } = this.options;
    let length = 1 / Array.from({ length: cycles }, (_, cycle) => growth ** cycle).reduce((sum, share) => sum + share, 0);
    let start = 0;
    // A restart falls on a step where rounding must not hold it back.
    for (let cycle = 1; cycle < cycles && position >= start + length - 1e-9; cycle += 1) {
      start += length;
      length *= growth;
    }
    const u = Math.min(1, Math.max(0, (position - start) / length));
    return floor + ((1 - floor) * (1 + Math.cos(Math.PI * u))) / 2;
  }
}
