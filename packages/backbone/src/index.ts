/**
 * @cultivar/backbone: a pretrained network as a tf.LayersModel with named stages: read, cut, view, graft, save.
 */
export { averageClassifiers } from './average-classifiers.js';
export { assembleClassifier, type ClassifierParts } from './classifier.js';
export { joinClassifiers, type JoinOptions } from './join-classifiers.js';
export { prepareBackbone, type PreparedBackbone } from './prepare.js';
export { defaultCacheFolder } from '@cultivar/sdk';
export { NetworkReader, type NetworkReaderOptions } from './read/network-reader.js';
export { withBranchLayers } from './residual.js';
export { loadModel, saveModel } from './storage.js';
export { pooledSuffixModel, prefixModel, suffixModel } from './views.js';
export { captureWeights, countParameters, restoreWeights } from './weights.js';
