import { fraction, options, positive, schedule, z, type Schedule } from '@cultivar/sdk';

const schema = z.object({
  power: positive.default(1).describe('1: a straight line; above: fast first, then slow'),
  floor: fraction.default(0).describe('Multiplier at the end, 0..1'),
});

/**
 * multiplier(t) = floor + (1 - floor) * (1 - t)^power, t from 0 to 1 over the phase.
 *
 * Source: Chen et al. 2018, "DeepLab", section 4.1 ("poly"); the same numbers as `torch.optim.lr_scheduler.PolynomialLR`.
 */
@schedule({
  name: 'polynomial',
  summary: 'Down to the floor in a straight line, or along a power of what is left',
  reference: 'Chen et al. 2018, DeepLab: semantic image segmentation with deep convolutional nets',
  options: schema,
})
export class Polynomial implements Schedule {
  @options() readonly options!: z.infer<typeof schema>;

  at(position: number): number {
    const { power, floor } = this.options;
    return floor + (1 - floor) * (1 - Math.min(1, position)) ** power;
  }
}
