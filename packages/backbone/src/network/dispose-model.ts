import type { LayersModel } from '@tensorflow/tfjs-layers';

/** Frees all weights. tfjs counts references to nested models and then keeps some of their weights for ever. */
export function disposeModel(model: LayersModel): void {
  const weights = model.weights.map((weight) => weight.read());
  model.dispose();
  for (const value of weights) if (!value.isDisposed) value.dispose();
}
