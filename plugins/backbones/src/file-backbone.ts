import { failure, type LoadedBackbone, type ModelLocation, type ModelReader, type Normalisation, z } from '@cultivar/sdk';
import { centred, imageOptions, type ImageOptions, preprocessing } from './preprocessing.js';
import { knownStatistics } from './statistics.js';

const perChannel = z.union([z.number(), z.array(z.number()).length(3)]);

/** Options of the backbones that take any file. */
export const fileOptions = z.object({
  path: z.string().optional().describe('Folder, path of a model.json, or URL'),
  weights: z.string().optional().describe('The same as path'),
  sha256: z.string().optional().describe('Checksum of model.json followed by its weight files'),
  output: z.string().optional().describe('Layer or node to end the network at; found when absent'),
  mean: perChannel.optional().describe('Subtracted from pixels 0..1, one number or one a channel; 0.5 when neither this nor the file says'),
  std: perChannel.optional().describe('Divides the difference, one number or one a channel; 0.5 when neither this nor the file says'),
  channels: z.enum(['rgb', 'bgr']).optional().describe('Order of the channels that the network wants; mean and std are in this order'),
  crossOrigin: z.boolean().default(false).describe('Of a URL: weight files may lie at another origin than model.json'),
  licence: z.string().default('unknown').describe('Licence of the weights, kept with the model'),
  ...imageOptions,
});

export interface FileOptions extends ImageOptions {
  path?: string;
  weights?: string;
  sha256?: string;
  output?: string;
  mean?: number | number[];
  std?: number | number[];
  channels?: Normalisation['channels'];
  crossOrigin: boolean;
  licence: string;
}

function triple(value: number | number[] | undefined, otherwise: [number, number, number]): [number, number, number] {
  if (value === undefined) return otherwise;
  return typeof value === 'number' ? [value, value, value] : [value[0]!, value[1]!, value[2]!];
}

/** Loads a network of one format from any file. */
export async function loadFile(reader: ModelReader, format: NonNullable<ModelLocation['format']>, options: FileOptions): Promise<LoadedBackbone> {
  const location = options.path ?? options.weights;
  if (location === undefined) {
    throw failure('OPTION_INVALID', { option: 'path', kind: 'backbone', name: format, reason: 'it must be given' });
  }
  const { sha256, output, size, crossOrigin } = options;
  const network = await reader.read({ location, format, sha256, output, size, crossOrigin });
  const known = network.normalisation ?? centred;
  const normalisation: Normalisation = {
    mean: triple(options.mean, known.mean),
    std: triple(options.std, known.std),
    channels: options.channels ?? known.channels,
  };
  return {
    model: network.model,
    input: preprocessing(network.model, options, normalisation),
    statistics: await knownStatistics(network.model),
    licence: options.licence,
    source: network.location,
    sha256: network.sha256,
  };
}
