import { augmentation, Contributions, fraction, inject, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { Operations, operationsAt, type Extent } from './operations.js';

const schema = z.object({
  operations: z.int().min(0).max(14).default(2).describe('Operations one after the other on each image, N'),
  magnitude: z.number().min(0).max(30).default(9).describe('Strength of all of them, M, 0..30'),
  fill: fraction.default(0.5).describe('What comes in at the edges, 0 black .. 1 white'),
});

/** At magnitude 30: the ranges of the paper, which are those of AutoAugment. */
const extent: Extent = { shear: 0.3, translate: 150 / 331, rotate: 30, colour: 0.9, bitsLost: 4 };

/**
 * N times: one of fourteen operations, drawn evenly for each image (none, auto-contrast, equalize, rotate, solarize, saturation,
 * posterize, contrast, brightness, sharpness, shear in x and y, shift in x and y), at magnitude M / 30 of its range, its sign drawn.
 *
 * Operations, ranges and signs of torchvision's `RandAugment`, each of them a contribution of its own, made by reference;
 * read bilinearly, where torchvision takes the nearest pixel.
 * Source: Cubuk et al. 2020, "RandAugment: practical automated data augmentation with a reduced search space".
 */
@augmentation({
  name: 'rand-augment',
  summary: 'Apply N operations, drawn for each image, at one common magnitude',
  reference: 'Cubuk et al. 2020, RandAugment: practical automated data augmentation with a reduced search space',
  options: schema,
})
export class RandAugment implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;
  @inject(Contributions) readonly contributions!: Contributions;
  private made: Operations | undefined;

  apply(batch: LabelledBatch, random: Random): LabelledBatch {
    const { operations, magnitude, fill } = this.options;
    this.made ??= new Operations(this.contributions);
    const space = operationsAt(magnitude / 30, extent, fill);
    let result = batch;
    for (let step = 0; step < operations; step += 1) result = this.made.applyEach(result, () => space[random.integer(space.length)]!, random);
    return result;
  }
}
