import { backbone, type Backbone, failure, type FeatureStatistics, inject, type LoadedBackbone, ModelReader, options, z } from '@cultivar/sdk';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { centred, imageOptions, type ImageOptions, preprocessing } from './preprocessing.js';

/** Where the build puts it. */
const location = fileURLToPath(new URL('../dist/nano/', import.meta.url));

/** SHA-256 of model.json followed by weights.bin, and of the statistics, as they were published. */
export const nanoSha256 = '4721d13c19739b53047a67822c9411e11e72a1206c9d5364cfed8418f9575a46';
export const nanoStatisticsSha256 = '3812b0d98f286411e04ecfa5bd12e5831ad38fa57f73bed07c041f9636854a60';

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
    const { model, sha256 } = await this.reader.read({ location, format: 'layers-model', sha256: nanoSha256, size: this.options.size });
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
  const bytes = await readFile(path);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== nanoStatisticsSha256) throw failure('BACKBONE_CHECKSUM', { path, found, expected: nanoStatisticsSha256 });
  const { count, mean, std } = JSON.parse(bytes.toString('utf8')) as FeatureStatistics;
  return { count, mean, std };
}
