import { count, fraction, options, schedule, z, type Schedule } from '@cultivar/sdk';

const schema = z.object({
  cycles: count.default(4).describe('Triangles in a phase'),
  floor: fraction.default(0.1).describe('Multiplier at the foot of each triangle, 0..1'),
  shrink: fraction.default(1).describe('Height of each triangle as a share of the one before, 0..1; 0.5 is Smith\'s triangular2'),
});

/**
 * Up from the floor to 1 in a straight line and down again, `cycles` times in the phase:
 * multiplier(t) = floor + (1 - floor) * shrink^c * (1 - |2 u - 1|), c the number of the cycle from 0, u from 0 to 1 within it.
 *
 * Source: Smith 2017, "Cyclical learning rates for training neural networks"; the same numbers as
 * `torch.optim.lr_scheduler.CyclicLR`, modes `triangular` and `triangular2`.
 */
@schedule({
  name: 'cyclic',
  summary: 'Triangles: up and down in straight lines, several times',
  reference: 'Smith 2017, Cyclical learning rates for training neural networks',
  options: schema,
})
export class Cyclic implements Schedule {
  @options() readonly options!: z.infer<typeof schema>;

  at(position: number): number {
    const { cycles, floor, shrink } = this.options;
    // The very end is the foot of the last triangle, not of one more.
    const cycle = Math.min(cycles - 1, Math.floor(position * cycles));
    const within = Math.min(1, position * cycles - cycle);
    return floor + (1 - floor) * shrink ** cycle * (1 - Math.abs(2 * within - 1));
  }
}
