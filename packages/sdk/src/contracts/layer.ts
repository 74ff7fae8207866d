import type { layers } from '@tensorflow/tfjs-layers';

/** Makes layers of one class, which is registered with `tf.serialization` when the plugin is loaded: models that hold it save and load. */
export interface Layer {
  /** A new layer, not built yet, with the options of the contribution. @param name in the model; one of its own when absent */
  create(name?: string): layers.Layer;
}
export const Layer = Symbol.for('cultivar:Layer');
