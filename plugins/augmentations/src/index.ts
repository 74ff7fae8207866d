/** @cultivar/augmentations: random changes of a batch that leave its meaning. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { Affine } from './affine.js';
import { AutoContrast } from './auto-contrast.js';
import { Blur } from './blur.js';
import { ColorJitter } from './color-jitter.js';
import { Crop } from './crop.js';
import { CutMix } from './cutmix.js';
import { Cutout } from './cutout.js';
import { Equalize } from './equalize.js';
import { Flip } from './flip.js';
import { Grayscale } from './grayscale.js';
import { Mixup } from './mixup.js';
import { Noise } from './noise.js';
import { PaddedCrop } from './padded-crop.js';
import { PcaLighting } from './pca-lighting.js';
import { Posterize } from './posterize.js';
import { RandAugment } from './rand-augment.js';
import { RandomErasing } from './random-erasing.js';
import { Rotate } from './rotate.js';
import { Sharpness } from './sharpness.js';
import { Solarize } from './solarize.js';
import { TrivialAugment } from './trivial-augment.js';

export {
  Affine, AutoContrast, Blur, ColorJitter, Crop, CutMix, Cutout, Equalize, Flip, Grayscale, Mixup, Noise, PaddedCrop, PcaLighting,
  Posterize, RandAugment, RandomErasing, Rotate, Sharpness, Solarize, TrivialAugment,
};
export default definePlugin({
  name: '@cultivar/augmentations',
  contributions: [
    Flip, Crop, PaddedCrop, Rotate, Affine, ColorJitter, PcaLighting, Grayscale, AutoContrast, Equalize, Posterize, Solarize, Sharpness,
    Blur, Noise, Cutout, RandomErasing, Mixup, CutMix, RandAugment, TrivialAugment,
  ],
});
