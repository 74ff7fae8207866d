import { backbone, type Backbone, inject, type LoadedBackbone, ModelReader, options, z } from '@cultivar/sdk';
import { loadMobileNet, type MobileNetFamily, mobileNetOptions, type MobileNetOptions } from './mobilenet.js';

const published = new Set([128, 160, 192, 224]);

const family: MobileNetFamily = {
  name: 'mobilenet-v1',
  version: 1,
  depthwise: 13,
  lastFilters: (alpha) => Math.trunc(1024 * alpha),
  address: (alpha, size) => {
    const width = alpha === 1 ? '1.0' : alpha.toFixed(2);
    return `https://storage.googleapis.com/tfjs-models/tfjs/mobilenet_v1_${width}_${published.has(size) ? size : 224}/model.json`;
  },
  licence: 'Apache-2.0 (Google, MobileNet v1, trained on ImageNet)',
};

/** MobileNet: depthwise separable convolutions, a straight line from pixels to features. Features: 1024 x alpha. */
@backbone({
  name: 'mobilenet-v1',
  summary: 'MobileNet v1: depthwise separable convolutions',
  reference: 'Howard et al. 2017, MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications',
  options: z.object({ alpha: z.literal([0.25, 0.5, 0.75, 1]).default(1).describe('Width: share of the channels'), ...mobileNetOptions }),
})
export class MobileNetV1 implements Backbone {
  @options() readonly options!: MobileNetOptions;
  @inject(ModelReader) readonly reader!: ModelReader;

  load(): Promise<LoadedBackbone> {
    return loadMobileNet(this.reader, family, this.options);
  }
}
