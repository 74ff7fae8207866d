import { backbone, type Backbone, inject, type LoadedBackbone, ModelReader, options } from '@cultivar/sdk';
import { fileOptions, type FileOptions, loadFile } from './file-backbone.js';

/** Any network in tfjs GraphModel files, turned into layers that train, weights and all. */
@backbone({ name: 'graph-model', summary: 'Any convolutional network in tfjs GraphModel files', options: fileOptions })
export class GraphModelBackbone implements Backbone {
  @options() readonly options!: FileOptions;
  @inject(ModelReader) readonly reader!: ModelReader;

  load(): Promise<LoadedBackbone> {
    return loadFile(this.reader, 'graph-model', this.options);
  }
}
