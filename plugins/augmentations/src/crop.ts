import { augmentation, options, positive, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { sample, type Box } from './sampling.js';

const share = positive.max(1);
const ordered = (range: [number, number]) => range[0] <= range[1];
const schema = z.object({
  scale: z.tuple([share, share]).refine(ordered, 'the least comes first').default([0.08, 1])
    .describe('Least and greatest share of the area that is kept, above 0 and up to 1'),
  ratio: z.tuple([positive, positive]).refine(ordered, 'the least comes first').default([3 / 4, 4 / 3])
    .describe('Least and greatest width over height of what is kept'),
});
type CropOptions = z.infer<typeof schema>;

/** A rectangle of whole pixels. */
export interface CropRectangle {
  top: number;
  left: number;
  height: number;
  width: number;
}

/**
 * Random resized crop: area = H * W * U(scale), log(width / height) = U(log ratio), place anywhere inside; then back to
 * H x W bilinearly. Drawn for each image.
 *
 * Drawn as torchvision's `RandomResizedCrop` draws it: ten tries, then the largest central crop of an allowed ratio. Pixel
 * centres lie where `torchvision.transforms.v2.functional.resized_crop` has them. It differs in the outermost half pixel of the
 * crop: torchvision repeats the last pixel of the crop there, we read the neighbour that the image has; where the
 * image itself ends, the crop is narrowed by that half pixel.
 * Source: Szegedy et al. 2015, "Going deeper with convolutions", section 6.
 */
@augmentation({
  name: 'crop',
  summary: 'Cut out a random part of each image and enlarge it to full size (random resized crop)',
  reference: 'Szegedy et al. 2015, Going deeper with convolutions',
  options: schema,
})
export class Crop implements Augmentation {
  @options() readonly options!: CropOptions;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const [count, height, width] = images.shape;
    const boxes = Array.from({ length: count }, () => cropBox(drawRectangle(height, width, this.options, random), height, width));
    return { images: sample(images, boxes), targets };
  }
}

/** A random rectangle in an image of the given size. */
export function drawRectangle(imageHeight: number, imageWidth: number, { scale, ratio }: CropOptions, random: Random): CropRectangle {
  const between = ([least, greatest]: [number, number]) => least + (greatest - least) * random.uniform();
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const area = imageHeight * imageWidth * between(scale);
    const aspect = Math.exp(between([Math.log(ratio[0]), Math.log(ratio[1])]));
    const width = Math.round(Math.sqrt(area * aspect));
    const height = Math.round(Math.sqrt(area / aspect));
    if (width < 1 || height < 1 || width > imageWidth || height > imageHeight) continue;
    return { top: random.integer(imageHeight - height + 1), left: random.integer(imageWidth - width + 1), height, width };
  }
  const aspect = Math.min(ratio[1], Math.max(ratio[0], imageWidth / imageHeight));
  const height = Math.max(1, Math.min(imageHeight, Math.round(imageWidth / aspect)));
  const width = Math.max(1, Math.min(imageWidth, Math.round(imageHeight * aspect)));
  return { top: Math.floor((imageHeight - height) / 2), left: Math.floor((imageWidth - width) / 2), height, width };
}

/** Where the middles of the outermost pixels of the result lie in the image. */
export function cropBox({ top, left, height, width }: CropRectangle, imageHeight: number, imageWidth: number): Box {
  const [y1, y2] = ends(top, height, imageHeight);
  const [x1, x2] = ends(left, width, imageWidth);
  return [y1, x1, y2, x2];
}

/** Pixel i of n reads at first + (i + 1/2) * length / n - 1/2; the ends of that, kept inside, in shares of n - 1. */
function ends(first: number, length: number, size: number): [number, number] {
  if (size === 1) return [0, 0];
  const half = (length / size - 1) / 2;
  const low = Math.max(0, first + half) / (size - 1);
  // Rounding in the operator could carry the last pixel past the edge, where it reads black.
  const limit = low === 0 ? 1 : 1 - 1e-6;
  const high = Math.min(limit, (first + length - 1 - half) / (size - 1));
  return [low, high];
}
