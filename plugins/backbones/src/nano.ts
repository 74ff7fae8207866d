import { backbone, type Backbone, failure, type FeatureStatistics, inject, type LoadedBackbone, ModelReader, options, z } from '@cultivar/sdk';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { centred, imageOptions, type ImageOptions, preprocessing } from './preprocessing.js';

/** Beside the compiled file, where the build puts them. */
const folders = ['./nano/', '../dist/nano/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** The embedded backbone: small, for small photos, there without a download. */
@backbone({
  name: 'nano',
  summary: 'Our own small backbone, embedded: inverted residuals, pretrained on 200 ImageNet classes',
  reference: 'Its model card: models/nano; after Sandler et al. 2018',
  options: z.object({ ...imageOptions }),
})
export class Nano implements Backbone {
  @options() readonly options!: ImageOptions;
  @inject(ModelReader) readonly reader!: ModelReader;

  async load(): Promise<LoadedBackbone> {
    const location = folders.find((folder) => existsSync(folder)) ?? folders[0]!;
    const { model, sha256 } = await this.reader.read({ location, format: 'layers-model', size: this.options.size });
    return {
      model,
      input: preprocessing(model, this.options, centred),
      statistics: await readStatistics(location),
      licence: 'MIT',
      source: 'embedded in @cultivar/backbones',
      sha256,
    };
  }
}

async function readStatistics(folder: string): Promise<FeatureStatistics | undefined> {
  const path = `${folder}statistics.json`;
  if (!existsSync(path)) return undefined;
  try {
    const { count, mean, std } = JSON.parse(await readFile(path, 'utf8')) as FeatureStatistics;
    return { count, mean, std };
  } catch (error) {
    throw failure('BACKBONE_FORMAT', { path, reason: 'its statistics are not JSON' }, error);
  }
}
