import type { serialization } from '@tensorflow/tfjs-core';
import { layers, LayerVariable } from '@tensorflow/tfjs-layers';

interface LayerClass {
  fromConfig(layerClass: unknown, config: serialization.ConfigDict): layers.Layer;
}

/**
 * A new layer of the same class and settings, not built yet. It always counts as trainable: what is frozen is
 * decided by cutting the network, not by flags in a file. Initialisers are zero (weights are given right after) and
 * penalties are left out (they belong to training).
 */
export function copyLayer(layer: layers.Layer, name: string): layers.Layer {
  const layerClass = layer.constructor as unknown as LayerClass;
  const config: serialization.ConfigDict = { ...layer.getConfig(), name, trainable: true };
  delete config['batchInputShape'];
  for (const key of Object.keys(config)) {
    if (key.endsWith('Initializer')) config[key] = { className: 'Zeros', config: {} };
    if (key.endsWith('Regularizer')) config[key] = null;
  }
  return layerClass.fromConfig(layerClass, config);
}

/** Gives an unbuilt copy the very variables of its original: both compute with, and update, the same weights. */
export function shareWeights(copy: layers.Layer, original: layers.Layer): void {
  const from = original as unknown as Record<string, unknown>;
  const to = copy as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(from)) {
    if (value instanceof LayerVariable) to[key] = value;
    else if (value instanceof layers.Layer && to[key] instanceof layers.Layer) shareWeights(to[key], value);
    else if (Array.isArray(value) && value.length > 0 && value.every((item) => item instanceof LayerVariable)) to[key] = [...value];
  }
  to['inputSpec'] = from['inputSpec'];
  copy.built = true;
}
