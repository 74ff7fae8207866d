import { fraction, options, schedule, z, type Schedule } from '@cultivar/sdk';

const schema = z.object({
  floor: fraction.default(0).describe('Multiplier at the end, 0..1'),
  warmup: z.number().min(0).lt(1).default(0).describe('Share of the phase in which the rate first rises in a straight line from zero, 0 <= warmup < 1'),
});

/**
 * multiplier(t) = floor + (1 - floor) * (1 + cos(pi * t)) / 2, t from 0 to 1 over the phase (without restarts).
 * With a warm-up of share s: t/s before s (Goyal et al. 2017), then the cosine over what remains.
 *
 * Source: Loshchilov & Hutter 2017, "SGDR: stochastic gradient descent with warm restarts", equation 5;
 * the same numbers as `torch.optim.lr_scheduler.CosineAnnealingLR`.
 */
@schedule({
  name: 'cosine',
  summary: 'Half a cosine from the base rate down to the floor',
  reference: 'Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts',
  options: schema,
})
export class Cosine implements Schedule {
  @options() readonly options!: z.infer<typeof schema>;

  at(position: number): number {
    const { floor, warmup } = this.options;
    if (position < warmup) return position / warmup;
    const t = Math.min(1, (position - warmup) / (1 - warmup));
    return floor + ((1 - floor) * (1 + Math.cos(Math.PI * t))) / 2;
  }
}
