import { augmentation, Contributions, fraction, inject, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { Operations, operationsAt, type Extent } from './operations.js';

const schema = z.object({
  levels: z.int().min(2).default(31).describe('Different magnitudes'),
  fill: fraction.default(0.5).describe('What comes in at the edges, 0 black .. 1 white'),
});

/** The "wide" ranges of the paper; a shift of 32 of 224 pixels. */
const extent: Extent = { shear: 0.99, translate: 32 / 224, rotate: 135, colour: 0.99, bitsLost: 6 };

/**
 * One of the fourteen operations of `rand-augment`, drawn evenly for each image, at a magnitude drawn evenly from 0..1 in
 * `levels` steps, its sign drawn. Nothing to tune.
 *
 * Operations and ranges of torchvision's `TrivialAugmentWide`, each a contribution of its own, made by reference; read bilinearly,
 * and shifts grow with the image, where torchvision takes the nearest pixel and 32 pixels of any image.
 * Source: Mueller & Hutter 2021, "TrivialAugment: tuning-free yet state-of-the-art data augmentation".
 */
@augmentation({
  name: 'trivial-augment',
  summary: 'Apply one operation of random magnitude to each image',
  reference: 'Mueller & Hutter 2021, TrivialAugment: tuning-free yet state-of-the-art data augmentation',
  options: schema,
})
export class TrivialAugment implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;
  @inject(Contributions) readonly contributions!: Contributions;
  private made: Operations | undefined;

  apply(batch: LabelledBatch, random: Random): LabelledBatch {
    const { levels, fill } = this.options;
    this.made ??= new Operations(this.contributions);
    return this.made.applyEach(batch, () => {
      const space = operationsAt(random.integer(levels) / (levels - 1), extent, fill);
      return space[random.integer(space.length)]!;
    }, random);
  }
}
