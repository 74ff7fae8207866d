import type { layers, LayersModel } from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;

/** All layers of a model in order, those of nested models included. */
export function layersOf(model: LayersModel | Layer): Layer[] {
  if (!('layers' in model)) return [model];
  return (model.layers as Layer[]).flatMap((layer) => layersOf(layer));
}

/** Layers before the features are pooled or flattened away: the backbone without any classifier. */
export function convolutionalLayers(model: LayersModel): Layer[] {
  const all = layersOf(model);
  const end = all.findIndex((layer) => /^(Global.*Pooling2D|Flatten|Dense|Reshape)$/.test(layer.getClassName()));
  return end < 0 ? all : all.slice(0, end);
}
