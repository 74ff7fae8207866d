import type { LayersModel } from '@tensorflow/tfjs-layers';

/** How an image of values 0..1 becomes the network's input: (x[channel] - mean[channel]) / std[channel]. */
export interface Normalisation {
  mean: [number, number, number];
  std: [number, number, number];
  /** Order of the channels that the network wants; mean and std are in this order. */
  channels: 'rgb' | 'bgr';
}

/** How an image of any shape becomes a square. */
export interface Geometry {
  /**
   * `stretch`: both sides to size. `crop`: the shorter side to size / cropFraction, then the middle.
   * `pad`: the longer side to size, the rest grey.
   */
  resize: 'stretch' | 'crop' | 'pad';
  /** Part of the resized shorter side that the middle crop keeps, 0..1. Default 1. */
  cropFraction?: number;
}

/** What goes from image bytes to network input; stored in the bundle, shared by training and prediction. */
export interface Preprocessing extends Normalisation, Geometry {
  /** Height and width in pixels. */
  size: number;
  /**
   * A second geometry in which each image is looked at as well: features are averaged over both, and so are logits. A backbone offers it; it is
   * taken where cross-validation on the user's images says so. Absent: one look.
   */
  second?: Geometry;
  /** Resampling, widened to the scale when it shrinks (antialiased). Default `linear`, as torchvision's bilinear. */
  kernel?: 'linear' | 'cubic' | 'lanczos3';
}

/** Statistics of the globally pooled features over images of the pretraining kind. Arrays: one value a feature. */
export interface FeatureStatistics {
  count: number;
  mean: number[];
  std: number[];
}

/** A cut of the network: everything behind `output` depends on that one tensor alone. */
export interface StageCut {
  name: string;
  /** Name of the layer whose output ends the stage. */
  output: string;
}

/** A stage as strategies see it. Stage 0 is nearest the pixels. */
export interface Stage extends StageCut {
  index: number;
  /** Layers of the stage, in order. */
  layers: string[];
  /** Number of weights. */
  parameters: number;
  /** Shape of the output, without the batch: [height, width, channels] or [features]. */
  outputShape: number[];
}

/** A pretrained network without its classifier. */
export interface LoadedBackbone {
  /** One input [null, size, size, 3]; one output: [null, h, w, c] or [null, features]. A classifier on top is cut off by the caller. */
  model: LayersModel;
  /** Cuts from pixels to top; found from the graph when absent. */
  stages?: StageCut[];
  input: Preprocessing;
  statistics?: FeatureStatistics;
  /** Licence of the weights, as far as known. */
  licence: string;
  /** Path or URL that the weights came from. */
  source: string;
  sha256: string;
}

export interface Backbone {
  /** Loads the network; the options are those of the contribution. @throws CultivarError with a BACKBONE_ code */
  load(): Promise<LoadedBackbone>;
}
export const Backbone = Symbol.for('cultivar:Backbone');
