import { backbone, type Backbone, inject, type LoadedBackbone, ModelReader, options } from '@cultivar/sdk';
import { fileOptions, type FileOptions, loadFile } from './file-backbone.js';

/** Any network in tfjs LayersModel files, a Teachable Machine export among them: its classifier is cut away. */
@backbone({ name: 'layers-model', summary: 'Any convolutional network in tfjs LayersModel files', options: fileOptions })
export class LayersModelBackbone implements Backbone {
  @options() readonly options!: FileOptions;
  @inject(ModelReader) readonly reader!: ModelReader;

  load(): Promise<LoadedBackbone> {
    return loadFile(this.reader, 'layers-model', this.options);
  }
}
