import { withBranchLayers } from '@cultivar/backbone';
import type { Random, Regularizer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel } from '@tensorflow/tfjs-layers';

type Change = (branch: tf.Tensor, random: Random) => tf.Tensor;

/** What regularizers do to one residual branch. Engines run layers as at inference, so it draws from what the trainer gives it. */
class BranchLayer extends layers.Layer {
  static className = 'CultivarBranch';
  random: Random | undefined;

  constructor(private readonly changes: readonly Change[]) {
    super({});
    this.supportsMasking = true;
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [branch] = Array.isArray(inputs) ? inputs as [tf.Tensor] : [inputs];
    const { random } = this;
    return tf.tidy(() => (random ? this.changes.reduce((value, change, index) => change(value, random.child(index)), branch) : tf.clone(branch)));
  }
}

/** A network as it trains: with what regularizers put behind its residual branches. */
export interface BranchedNetwork {
  model: LayersModel;
  /** Regularizers that change a branch of it. */
  changed: ReadonlySet<Regularizer>;
  /** Gives the branches the numbers of one step. */
  draw(random: Random): void;
}

/** @returns the network itself where no regularizer changes a branch */
export function withBranches(model: LayersModel, regularizers: readonly Regularizer[]): BranchedNetwork {
  const made: BranchLayer[] = [];
  const changed = new Set<Regularizer>();
  if (!regularizers.some((regularizer) => regularizer.branch)) return { model, changed: new Set(), draw: () => {} };
  const branched = withBranchLayers(model, (block, blocks) => {
    const changes = regularizers.flatMap((regularizer) => {
      const change = regularizer.branch?.(block, blocks);
      if (change) changed.add(regularizer);
      return change ?? [];
    });
    if (changes.length === 0) return undefined;
    const layer = new BranchLayer(changes);
    made.push(layer);
    return layer;
  });
  return {
    model: branched, changed,
    draw: (random) => made.forEach((layer, block) => {
      layer.random = random.child('branch').child(block);
    }),
  };
}
