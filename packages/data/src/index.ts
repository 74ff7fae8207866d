/**
 * @cultivar/data: a folder of images, checked, split, decoded and batched.
 */
export { canvasFromPixels, decodeImage, type DecodeOptions } from './canvas.js';
export { openCanvases, Canvases, type CanvasBatch, type CanvasOptions, type DecodeFailure } from './canvases.js';
export { checkForTraining, checkTrainable, type CheckOptions } from './check-for-training.js';
export { averageCrops, averageViews, cropCount, cropKinds, cropViews, cutCrops, geometriesOf, meanOfLogits, type CropPlace, type Crops, type CropView } from './crops.js';
export type { Dataset, Duplicate, Layout, Sample, SetAside, Split } from './dataset.js';
export { readFolderTree, type FolderTree } from './folder-tree.js';
export { type SetAsideCode, setAsideCodes } from './image-problem.js';
export { defaultMaximumPixels } from './inspect.js';
export type { CsvColumns, ReadingOptions } from './reading.js';
export { findFolds, scanDataset, type ScanOptions } from './scan.js';
export { type ImageFormat, imageFormats } from './sniff.js';
export { type DatasetSplit, foldsOf, splitDataset, type SplitOptions } from './split.js';
