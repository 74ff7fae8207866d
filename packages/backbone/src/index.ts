/**
 * @cultivar/backbone: a pretrained network as a tf.LayersModel with named stages: read, cut, view, graft, save.
 */
export { assembleClassifier, type ClassifierParts } from './classifier.js';
export { prepareBackbone, type PreparedBackbone } from './prepare.js';
export { defaultCacheFolder } from '@cultivar/sdk';
export { NetworkReader, type NetworkReaderOptions } from './read/network-reader.js';
export { loadModel, saveModel } from './storage.js';
export { prefixModel, suffixModel } from './views.js';
export { captureWeights, countParameters, restoreWeights } from './weights.js';
