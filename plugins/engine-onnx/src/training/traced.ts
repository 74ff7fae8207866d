/**
 * How an image [B, H, W, C] of tfjs lies in the graph:
 * `nchw` [B, C, H, W]; `flat` [B, C, H W], the same row of numbers; `blocked` the runtime's own order, channels in groups
 * of the machine's vector length (operators of the domain com.microsoft.nchwc), padded with zeros to whole groups;
 * `stacked` the same with the images of a group of channels one below the other, as if they were one: [1, C, B H, W] for the operators.
 * All that is no image lies as it does in tfjs, and is called `nchw` too.
 */
export type Layout = 'nchw' | 'flat' | 'blocked' | 'stacked';

/** A tensor of a suffix while its training step is written. */
export interface Traced {
  name: string;
  /** tfjs's; images are [B, H, W, C]. Everything but the batch is known. */
  shape: (number | null)[];
  layout: Layout;
  /** Of a gradient: a list of numbers, one a channel, by which it is still to be multiplied. Only a convolution behind which a batch-norm stands gets such a one. */
  scale?: string;
}

export const isImage = ({ shape }: Pick<Traced, 'shape'>): boolean => shape.length === 4;

/** Whether channels lie in groups. */
export const inGroups = ({ layout }: Pick<Traced, 'layout'>): boolean => layout === 'blocked' || layout === 'stacked';

/** Sizes behind the batch. */
export const sizes = ({ shape }: Pick<Traced, 'shape'>): number[] => shape.slice(1) as number[];

/** Number of features: the last axis in tfjs's order. */
export const channels = ({ shape }: Pick<Traced, 'shape'>): number => shape.at(-1)!;
