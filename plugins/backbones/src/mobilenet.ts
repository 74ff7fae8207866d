import { failure, type LoadedBackbone, type ModelReader, type ReadNetwork, z } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { layersOf } from './layers-of.js';
import { centred, croppedImageOptions, type ImageOptions, preprocessing } from './preprocessing.js';
import { knownStatistics } from './statistics.js';

/** Options that both MobileNets share. */
export const mobileNetOptions = {
  weights: z.string().optional().describe('Folder, path of a model.json, or URL, in either tfjs format; the public weights when absent'),
  sha256: z.string().optional().describe('Checksum of model.json followed by its weight files'),
  ...croppedImageOptions,
};

export interface MobileNetOptions extends ImageOptions {
  alpha: number;
  weights?: string;
  sha256?: string;
}

/** What tells one MobileNet from another. */
export interface MobileNetFamily {
  name: string;
  version: 1 | 2;
  /** Depthwise convolutions, from pixels to top. */
  depthwise: number;
  /** Filters of the convolution behind the last depthwise one, at alpha. */
  lastFilters(alpha: number): number;
  /** Address of public weights; undefined: the one that @tensorflow-models/mobilenet knows. */
  address(alpha: number, size: number): string | undefined;
  licence: string;
}

/** Rounds channels as the MobileNets do: to a multiple of 8, and never below nine tenths. */
export function roundChannels(value: number): number {
  const rounded = Math.max(8, Math.floor((value + 4) / 8) * 8);
  return rounded < 0.9 * value ? rounded + 8 : rounded;
}

/** @throws CultivarError BACKBONE_WEIGHTS if the network is not the MobileNet of that family and alpha */
function check(model: LayersModel, family: MobileNetFamily, alpha: number, path: string): void {
  const misfit = (reason: string) => failure('BACKBONE_WEIGHTS', { name: `${family.name}:alpha=${alpha}`, path, reason });
  const convolutions = layersOf(model).filter((layer) => /^(Depthwise)?Conv2D$/.test(layer.getClassName()));
  const last = convolutions.findLastIndex((layer) => layer.getClassName() === 'DepthwiseConv2D');
  const depthwise = convolutions.filter((layer) => layer.getClassName() === 'DepthwiseConv2D').length;
  if (depthwise !== family.depthwise) throw misfit(`they have ${depthwise} depthwise convolutions, ${family.name} has ${family.depthwise}`);
  const filters = Number(convolutions[last + 1]?.getConfig()['filters'] ?? 0);
  const expected = family.lastFilters(alpha);
  if (filters !== expected) throw misfit(`their last block has ${filters} channels, that of alpha ${alpha} has ${expected}`);
}

/** Loads a MobileNet from the weights given, or from the public ones, and holds them against version and alpha. */
export async function loadMobileNet(reader: ModelReader, family: MobileNetFamily, options: MobileNetOptions): Promise<LoadedBackbone> {
  const { alpha, sha256 } = options;
  const location = options.weights ?? family.address(alpha, options.size ?? 224);
  const network: ReadNetwork = await reader.mobilenet({ version: family.version, alpha, location, sha256 });
  try {
    check(network.model, family, alpha, network.location);
    return {
      model: network.model,
      input: preprocessing(network.model, options, network.normalisation ?? centred),
      statistics: await knownStatistics(network.model),
      licence: family.licence,
      source: network.location,
      sha256: network.sha256,
    };
  } catch (error) {
    for (const weight of network.model.weights) weight.read().dispose();
    throw error;
  }
}
