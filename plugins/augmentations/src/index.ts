/** @cultivar/augmentations: random changes of a batch that leave its meaning. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { ColorJitter } from './color-jitter.js';
import { Crop } from './crop.js';
import { CutMix } from './cutmix.js';
import { Cutout } from './cutout.js';
import { Flip } from './flip.js';
import { Mixup } from './mixup.js';

export { ColorJitter, Crop, CutMix, Cutout, Flip, Mixup };
export default definePlugin({ name: '@cultivar/augmentations', contributions: [Flip, Crop, ColorJitter, Cutout, Mixup, CutMix] });
