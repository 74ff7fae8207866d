import { type Normalisation, type Preprocessing, z } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** How a photo is brought to the network's size; every backbone has these options. */
export const imageOptions = {
  size: z.int().min(16).max(2048).optional().describe('Height and width of the input in pixels; the file\'s own when absent'),
  resize: z.enum(['stretch', 'crop', 'pad']).default('stretch').describe('stretch both sides, crop the middle, or pad with grey'),
};

export interface ImageOptions {
  size?: number;
  resize: Preprocessing['resize'];
}

/** Pixels 0..1 to -1..1, as the MobileNets and nano were trained. */
export const centred: Normalisation = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'rgb' };

/** The size asked for, else the one in the file, else `fallback` pixels. */
export function preprocessing(model: LayersModel, options: ImageOptions, normalisation: Normalisation, fallback = 224): Preprocessing {
  const { mean, std, channels } = normalisation;
  return { size: options.size ?? model.inputs[0]?.shape[1] ?? fallback, resize: options.resize, mean, std, channels };
}
