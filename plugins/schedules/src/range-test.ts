import { options, positive, schedule, z, type Schedule } from '@cultivar/sdk';

const schema = z.object({
  from: positive.default(1e-4).describe('Multiplier at the start'),
  to: positive.default(1).describe('Multiplier at the end'),
});

/**
 * multiplier(t) = from * (to / from)^t, t from 0 to 1 over the phase: equal steps on a logarithmic scale. Not for training but for finding the
 * rate, which `cultivar find-rate` does: the loss falls while the rate is of use and rises where it is too high.
 *
 * Source: Smith 2017, "Cyclical learning rates for training neural networks", section 3.3 (there in a straight line);
 * exponential as in fast.ai's `lr_find`.
 */
@schedule({
  name: 'range-test',
  summary: 'Up from a tiny rate to a huge one, to see where the loss falls and where it rises',
  reference: 'Smith 2017, Cyclical learning rates for training neural networks, section 3.3',
  options: schema,
})
export class RangeTest implements Schedule {
  @options() readonly options!: z.infer<typeof schema>;

  at(position: number): number {
    const { from, to } = this.options;
    return from * (to / from) ** position;
  }
}
