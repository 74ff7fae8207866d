import { Contributions, type Augmentation, type ContributionReference, type LabelledBatch, type Random } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { sample, whole } from './sampling.js';

/** How far the operations go at full magnitude. */
export interface Extent {
  /** Tangent of the angle. */
  shear: number;
  /** Share of the side. */
  translate: number;
  /** Degrees. */
  rotate: number;
  /** Added to or taken from the factor 1 of brightness, saturation, contrast and sharpness. */
  colour: number;
  /** Of eight. */
  bitsLost: number;
}

/** Signed operations are two references, one for each sign; the unsigned are one; identity is none. */
export type Operation = readonly ContributionReference[];

/** The fourteen operations of RandAugment at a magnitude 0..1, as contributions, in the order of the paper's table. */
export function operationsAt(magnitude: number, extent: Extent, fill: number): Operation[] {
  const still = { degrees: [0, 0], translateX: [0, 0], translateY: [0, 0], scale: [1, 1], shearX: [0, 0], shearY: [0, 0], fill };
  const plain = { brightness: 0, contrast: 0, saturation: 0, hue: 0 };
  const exactly = (value: number) => [value, value];
  const signed = (value: number, make: (value: number) => ContributionReference): Operation => [make(value), make(-value)];
  const shear = (Math.atan(extent.shear * magnitude) * 180) / Math.PI;
  const shift = extent.translate * magnitude;
  const colour = extent.colour * magnitude;
  const jitter = (channel: keyof typeof plain) => signed(colour, (change) => ({ name: 'color-jitter', ...plain, [channel]: exactly(1 + change) }));
  return [
    [],
    [{ name: 'auto-contrast', probability: 1 }],
    [{ name: 'equalize', probability: 1 }],
    signed(extent.rotate * magnitude, (degrees) => ({ name: 'rotate', degrees: exactly(degrees), fill })),
    [{ name: 'solarize', threshold: 1 - magnitude, probability: 1 }],
    jitter('saturation'),
    [{ name: 'posterize', bits: Math.round(8 - extent.bitsLost * magnitude), probability: 1 }],
    jitter('contrast'),
    jitter('brightness'),
    signed(colour, (change) => ({ name: 'sharpness', factor: exactly(1 + change) })),
    signed(shear, (degrees) => ({ name: 'affine', ...still, shearX: exactly(degrees), centre: [0, 0] })),
    signed(shear, (degrees) => ({ name: 'affine', ...still, shearY: exactly(degrees), centre: [0, 0] })),
    signed(shift, (part) => ({ name: 'affine', ...still, translateX: exactly(part) })),
    signed(shift, (part) => ({ name: 'affine', ...still, translateY: exactly(part) })),
  ];
}

/** Makes augmentations by reference, each once. */
export class Operations {
  private readonly made = new Map<string, Augmentation>();

  constructor(private readonly contributions: Contributions) {}

  /** Applies to each image an operation that is drawn for it; images of the same operation go through it together. */
  applyEach({ images, targets }: LabelledBatch, draw: () => Operation, random: Random): LabelledBatch {
    const groups = new Map<string, { reference: ContributionReference | undefined; members: number[] }>();
    for (let image = 0; image < images.shape[0]; image += 1) {
      const operation = draw();
      const reference = operation[operation.length > 1 ? random.integer(operation.length) : 0];
      const key = JSON.stringify(reference ?? 'identity');
      const group = groups.get(key) ?? { reference, members: [] };
      group.members.push(image);
      groups.set(key, group);
    }
    const members = [...groups.values()].flatMap((group) => group.members);
    const parts = [...groups.entries()].map(([key, group]) => {
      const part = sample(images, group.members.map(() => whole), group.members);
      if (!group.reference) return part;
      return this.of(key, group.reference).apply({ images: part, targets: tf.gather(targets, group.members) }, random).images;
    });
    const back = members.map((_member, place) => members.indexOf(place));
    const joined = parts.length === 1 ? parts[0]! : tf.concat(parts, 0);
    return { images: sample(joined, back.map(() => whole), back), targets };
  }

  private of(key: string, reference: ContributionReference): Augmentation {
    const made = this.made.get(key) ?? this.contributions.create<Augmentation>('augmentation', reference);
    this.made.set(key, made);
    return made;
  }
}
