/** @cultivar/strategies: from an assessment to a freeze plan, and how similarity is measured. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { Auto } from './auto.js';
import { FeatureSimilarity } from './feature-similarity.js';
import { FineTuneDeep } from './fine-tune-deep.js';
import { FineTuneTop } from './fine-tune-top.js';
import { FromScratch } from './from-scratch.js';
import { GradualUnfreezing } from './gradual-unfreezing.js';
import { Head2Toe } from './head2toe.js';
import { LayerWiseDecay } from './layer-wise-decay.js';
import { LinearProbe } from './linear-probe.js';
import { StageProbe } from './stage-probe.js';

export { Auto, FeatureSimilarity, FineTuneDeep, FineTuneTop, FromScratch, GradualUnfreezing, Head2Toe, LayerWiseDecay, LinearProbe, StageProbe };
export default definePlugin({
  name: '@cultivar/strategies',
  contributions: [Auto, LinearProbe, StageProbe, Head2Toe, FineTuneTop, FineTuneDeep, GradualUnfreezing, LayerWiseDecay, FromScratch, FeatureSimilarity],
});
