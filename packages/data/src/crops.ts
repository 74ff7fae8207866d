/** The fixed crops of one image whose predictions are averaged at test time. */
import type { Preprocessing, TensorData } from '@cultivar/sdk';

/**
 * 1: the image as it is. 5: corners and centre of a larger canvas. 10: these and their mirror images. `multi-scale`: ten crops
 * of each of three canvases.
 */
export type Crops = 1 | 5 | 10 | 'multi-scale';
export const cropKinds: readonly Crops[] = [1, 5, 10, 'multi-scale'];

/** Where a crop lies on its canvas, in pixels; on the canvas mirrored left to right, where it says so. */
export interface CropPlace {
  top: number;
  left: number;
  mirrored: boolean;
}

/** A canvas to decode, and what to cut out of it. */
export interface CropView {
  canvas: Preprocessing;
  places: CropPlace[];
  /** 0: of the first geometry of the preprocessing; 1: of its second. */
  geometry: number;
}

/** The ways in which an image is looked at, each with one geometry. */
export function geometriesOf(preprocessing: Preprocessing): Preprocessing[] {
  const { second, ...first } = preprocessing;
  return second ? [first, { ...first, resize: second.resize, cropFraction: second.cropFraction }] : [preprocessing];
}

/** Sides of the canvas in sevenths of the network's input: 256, 288 and 320 pixels of 224. */
const usualScale = 8;
const scales = [8, 9, 10];

/**
 * The views of one image, those of its first geometry before those of the second.
 *
 * The five crops of Krizhevsky et al. 2012 (section 4.1) are the corners and the centre of a canvas of 8/7 of the input's side; a network
 * whose own preprocessing cuts the centre out of a larger canvas has that canvas, so that its centre crop is its plain view. Scales as
 * in Szegedy et al. 2015 (section 7).
 */
export function cropViews(preprocessing: Preprocessing, crops: Crops): CropView[] {
  return geometriesOf(preprocessing).flatMap((own, geometry) => cropsOf(own, crops).map((view) => ({ ...view, geometry })));
}

function cropsOf(preprocessing: Preprocessing, crops: Crops): Omit<CropView, 'geometry'>[] {
  if (crops === 1) return [{ canvas: preprocessing, places: [{ top: 0, left: 0, mirrored: false }] }];
  const { size, cropFraction = 1 } = preprocessing;
  const own = Math.round(size / cropFraction);
  const ofSide = (side: number): Omit<CropView, 'geometry'> => {
    const centre = Math.floor((side - size) / 2);
    const far = side - size;
    const five = [[0, 0], [0, far], [far, 0], [far, far], [centre, centre]].map(([top, left]) => ({ top: top!, left: left!, mirrored: false }));
    return { canvas: { ...preprocessing, size: side, cropFraction: 1 }, places: crops === 5 ? five : [...five, ...five.map((place) => ({ ...place, mirrored: true }))] };
  };
  const side = (sevenths: number) => Math.round((size * sevenths) / 7);
  if (crops === 'multi-scale') return scales.map((sevenths) => ofSide(side(sevenths)));
  return [ofSide(preprocessing.resize === 'crop' && own > size ? own : side(usualScale))];
}

/** Crops of one image, over all its views. */
export function cropCount(views: readonly CropView[]): number {
  return views.reduce((sum, { places }) => sum + places.length, 0);
}

/**
 * Cuts the crops of a view out of its canvases.
 * @param canvases [B, side, side, 3]
 * @returns [B * crops, size, size, 3], all crops of the first image first
 */
export function cutCrops({ data, shape }: TensorData<Uint8Array>, { places }: CropView, size: number): TensorData<Uint8Array> {
  const [count = 0, side = 0] = shape;
  const result = new Uint8Array(count * places.length * size * size * 3);
  let target = 0;
  for (let image = 0; image < count; image += 1) {
    for (const { top, left, mirrored } of places) {
      for (let row = top; row < top + size; row += 1) {
        const start = (image * side + row) * side;
        if (!mirrored) {
          result.set(data.subarray((start + left) * 3, (start + left + size) * 3), target);
        } else {
          for (let column = 0; column < size; column += 1) {
            const from = (start + side - 1 - left - column) * 3;
            result.set(data.subarray(from, from + 3), target + column * 3);
          }
        }
        target += size * 3;
      }
    }
  }
  return { data: result, shape: [count * places.length, size, size, 3] };
}

/** Averages each `crops` rows that follow one another. @param rows [B * crops, K] @returns [B, K] */
export function averageCrops({ data, shape }: TensorData, crops: number): TensorData {
  const [rows = 0, width = 0] = shape;
  if (crops === 1) return { data, shape };
  const sums = new Float64Array((rows / crops) * width);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < width; column += 1) sums[Math.floor(row / crops) * width + column]! += data[row * width + column]! / crops;
  }
  return { data: Float32Array.from(sums), shape: [rows / crops, width] };
}

/**
 * What the views of an image come to: of one geometry the mean over its crops; of two the softmax of the mean of their logits.
 * @param rows probabilities [B * crops, K], all crops of the first image first, in the order of the views
 * @returns [B, K]
 */
export function averageViews({ data, shape: [rows = 0, width = 0] }: TensorData, views: readonly CropView[]): TensorData {
  const all = cropCount(views);
  const images = rows / all;
  let from = 0;
  const each = [0, 1].flatMap((geometry) => {
    const crops = cropCount(views.filter((view) => view.geometry === geometry));
    if (crops === 0) return [];
    const own = new Float32Array(images * crops * width);
    for (let image = 0; image < images; image += 1) own.set(data.subarray((image * all + from) * width, (image * all + from + crops) * width), image * crops * width);
    from += crops;
    return [averageCrops({ data: own, shape: [images * crops, width] }, crops)];
  });
  return meanOfLogits(each);
}

/**
 * softmax(mean of log p): what the mean of the logits gives, which softmax leaves but for a number that all classes share.
 * @param tables probabilities [N, K] of the same images
 */
export function meanOfLogits(tables: readonly TensorData[]): TensorData {
  if (tables.length === 1) return tables[0]!;
  const shape = tables[0]!.shape;
  const [rows = 0, width = 0] = shape;
  const data = new Float32Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    const logs = Float64Array.from({ length: width }, (_, k) => tables.reduce((sum, table) => sum + Math.log(Math.max(table.data[row * width + k]!, Number.MIN_VALUE)), 0) / tables.length);
    const most = logs.reduce((a, b) => Math.max(a, b), -Infinity);
    const shares = logs.map((log) => Math.exp(log - most));
    const sum = shares.reduce((a, b) => a + b, 0);
    shares.forEach((share, k) => (data[row * width + k] = share / sum));
  }
  return { data, shape };
}
