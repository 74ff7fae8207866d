import { backbone, type Backbone, inject, type LoadedBackbone, ModelReader, options, z } from '@cultivar/sdk';
import { loadMobileNet, type MobileNetFamily, mobileNetOptions, type MobileNetOptions, roundChannels } from './mobilenet.js';

/** Public weights with their batch-norm layers (those of tf.keras.applications); wider ones as TF-Hub graphs. */
const layerAlphas = new Set([0.35, 0.5, 0.75, 1]);

const family: MobileNetFamily = {
  name: 'mobilenet-v2',
  version: 2,
  depthwise: 17,
  lastFilters: (alpha) => roundChannels(320 * alpha),
  address: (alpha) => {
    if (layerAlphas.has(alpha)) {
      const width = alpha === 1 ? '1.0' : String(alpha);
      return `https://storage.googleapis.com/teachable-machine-models/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_${width}_224_no_top/model.json`;
    }
    const width = String(Math.round(alpha * 100)).padStart(3, '0');
    return `https://tfhub.dev/google/tfjs-model/imagenet/mobilenet_v2_${width}_224/classification/3/default/1/model.json?tfjs-format=file`;
  },
  licence: 'Apache-2.0 (Google, MobileNet v2, trained on ImageNet)',
};

/** MobileNetV2: inverted residuals with linear bottlenecks. Features: 1280, or 1280 x alpha above 1. */
@backbone({
  name: 'mobilenet-v2',
  summary: 'MobileNet v2: inverted residuals with linear bottlenecks',
  reference: 'Sandler et al. 2018, MobileNetV2: Inverted Residuals and Linear Bottlenecks',
  options: z.object({ alpha: z.literal([0.35, 0.5, 0.75, 1, 1.3, 1.4]).default(1).describe('Width: share of the channels'), ...mobileNetOptions }),
})
export class MobileNetV2 implements Backbone {
  @options() readonly options!: MobileNetOptions;
  @inject(ModelReader) readonly reader!: ModelReader;

  load(): Promise<LoadedBackbone> {
    return loadMobileNet(this.reader, family, this.options);
  }
}
