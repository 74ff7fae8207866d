import type { layers, LayersModel } from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;
type Shape = (number | null)[];

/** Values of one output for one image: a quarter of a gigabyte. The first convolution of a ResNet makes as many of an image of 2,048 pixels. */
const largestOutput = 2 ** 26;
/** Multiplications for one image; the largest networks of photos have a tenth of it. */
const mostWork = 1e12;

const sizeOf = (shape: Shape): number => shape.reduce<number>((product, side) => product * (side ?? 1), 1);

/**
 * Whether a network can be run at all: each output has sides of at least one, and none takes more memory or time than any real network.
 * @throws Error in words
 */
export function checkNetwork(model: LayersModel): void {
  let work = 0;
  for (const layer of layersIn(model)) {
    const weights = layer.weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0);
    for (const shape of layer.inboundNodes.flatMap(({ outputShapes }) => outputsOf(outputShapes))) {
      const sides = shape.slice(1);
      const told = sides.map((side) => side ?? '?').join(' x ');
      if (sides.some((side) => side !== null && !(Number.isInteger(side) && side >= 1))) throw new Error(`layer ${layer.name} gives an output of ${told}`);
      if (sizeOf(sides) > largestOutput) throw new Error(`layer ${layer.name} gives an output of ${told}, more than the ${largestOutput} values that can be computed`);
      work += sizeOf(sides.slice(0, -1)) * weights + sizeOf(sides) * windowOf(layer);
    }
  }
  if (work > mostWork) throw new Error(`it multiplies ${work.toExponential(1)} times for one image, more than the ${mostWork.toExponential(0)} that can be computed`);
}

/** Those of nested networks, not the networks themselves. */
function layersIn(model: LayersModel | Layer): Layer[] {
  return 'layers' in model ? (model.layers as Layer[]).flatMap(layersIn) : [model];
}

/** One shape, or a list of them. */
function outputsOf(shapes: unknown): Shape[] {
  return Array.isArray(shapes) && shapes.some(Array.isArray) ? shapes as Shape[] : [shapes as Shape];
}

/** Values that a pool looks at for each of its outputs. */
function windowOf(layer: Layer): number {
  const size = layer.getClassName().includes('Pooling') ? layer.getConfig()['poolSize'] : undefined;
  return Array.isArray(size) ? sizeOf(size as Shape) : 1;
}
