import { options, schedule, z, type Schedule } from '@cultivar/sdk';

const schema = z.object({
  rise: z.number().gt(0).lt(1).default(0.3).describe('Share of the phase in which the rate rises, 0 < rise < 1'),
  start: z.number().min(0).max(1).default(0.04).describe('Multiplier at the start, 0..1; PyTorch\'s 1 / div_factor'),
  end: z.number().min(0).max(1).default(4e-6).describe('Multiplier at the end, 0..1; PyTorch\'s 1 / div_factor / final_div_factor'),
  shape: z.enum(['cosine', 'line']).default('cosine').describe('Along half a cosine, or in a straight line'),
});

/**
 * Up from `start` to 1 within the first `rise` of the phase, then down to `end`, far below where it began.
 *
 * Give it a base rate that would be too high throughout: the largest before the loss rises (`cultivar find-rate`).
 * Source: Smith & Topin 2019, "Super-convergence"; the same numbers as `torch.optim.lr_scheduler.OneCycleLR`.
 */
@schedule({
  name: 'one-cycle',
  summary: 'One rise to a high rate, one long fall to almost nothing',
  reference: 'Smith & Topin 2019, Super-convergence: very fast training of neural networks using large learning rates',
  options: schema,
})
export class OneCycle implements Schedule {
  @options() readonly options!: z.infer<typeof schema>;

  at(position: number): number {
    const { rise, start, end } = this.options;
    return position < rise ? this.between(start, 1, position / rise) : this.between(1, end, Math.min(1, (position - rise) / (1 - rise)));
  }

  private between(from: number, to: number, t: number): number {
    return from + (to - from) * (this.options.shape === 'cosine' ? (1 - Math.cos(Math.PI * t)) / 2 : t);
  }
}
