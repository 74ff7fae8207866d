import { failure, type TrainingOptions } from '@cultivar/sdk';
import { joinBlocks, type FlatNetwork, type Layer, type TrainingCall as JoinedCall } from '@cultivar/engine';
import { captureWeights, describeCall, type CapturedWeights } from '../lowering/call.js';
import { gatherNormalised, gatherPadding, type GatheredCall } from './gather-calls.js';
import { isWorthLowering } from './forms/blocked-batch-norm.js';
import { batchNormOf, frozenAffine } from './operators/batch-normalization.js';
import { chain } from './operators/chain.js';
import { normalisedProduct, productOf } from './operators/normalised-product.js';
import { sidesOf } from './operators/padding.js';
import { trainingOperatorFor } from './operators/registry.js';
import type { Parameter, Recorded, TrainingCall } from './operator.js';
import { Tape, type TapeOptions } from './tape.js';
import { sizes, type Traced } from './traced.js';
import { cutInTwo, type TrainingGraphs } from './training-graphs.js';

/** Names of what goes in and out besides the weights, which have their own. */
export const inputName = 'input';
export const featuresName = 'features';
export const featuresGradientName = 'features.gradient';

/** Statistics of one batch-norm layer on the batch: names of outputs of the forward graph, [C] each. */
export interface StatisticsOutputs {
  layer: Layer;
  mean: string;
  /** The biased one. */
  variance: string;
  /** Places of one image that they are taken over. */
  places: number;
}

export interface TrainingStep extends TrainingGraphs {
  /** Inputs of the graphs, by the name of the weight. */
  parameters: Map<string, string>;
  /** Outputs of the backward graph, by the name of the weight; a weight that nothing depends on is missing. */
  gradients: Map<string, string>;
  /** Output of the backward graph, where asked for and there is one. */
  inputGradient?: string;
  statistics: StatisticsOutputs[];
  /** Further inputs of the forward graph, by name: moving means as they are before the step. */
  movingMeans: Map<string, Layer['weights'][number]>;
  /** Of one image, as in tfjs. */
  inputShape: number[];
  /** Numbers in the largest tensor that a layer makes of one image. */
  largest: number;
}

interface Wanted extends Pick<TrainingOptions, 'batchNorm'>, TapeOptions {
  /** Whether the gradient of the network's input is wanted, too. */
  inputGradient?: boolean;
  /** Whether results are written where there is room for them already. Default: false, each comes in new memory. */
  inPlace?: boolean;
}

/** The name of a weight within its layer. */
const ownName = (name: string): string => name.split('/').at(-1)!;

/**
 * Writes a network's training step as two ONNX graphs. Trainable weights are inputs, because they change with each step;
 * those of frozen layers are constants. Nothing is computed below the first weight that trains.
 * @param trainable names of the weights that train
 * @throws CultivarError ENGINE_UNSUPPORTED naming the layer that cannot be expressed
 */
export function writeStep(network: FlatNetwork, trainable: ReadonlySet<string>, wanted: Wanted): TrainingStep {
  return new StepWriter(network, trainable, wanted).write();
}

class StepWriter {
  private readonly tape: Tape;
  private readonly weights: CapturedWeights;
  private readonly values = new Map<number, Traced>();
  private readonly parameters = new Map<string, Parameter>();
  private readonly gradients = new Map<string, string[]>();
  private readonly statistics: StatisticsOutputs[] = [];
  private readonly movingMeans = new Map<string, Layer['weights'][number]>();

  constructor(private readonly network: FlatNetwork, private readonly trainable: ReadonlySet<string>, private readonly wanted: Wanted) {
    this.tape = new Tape(wanted);
    this.weights = captureWeights(network.calls.map(({ layer }) => layer).filter((layer) => layer.weights.some(({ originalName }) => !trainable.has(originalName))));
  }

  write(): TrainingStep {
    const { tape, network, values } = this;
    const trains = (layer: Layer) => layer.weights.some(({ originalName }) => this.trainable.has(originalName));
    const padded = gatherPadding(joinBlocks(network, trains, this.wanted.batchNorm), network.outputs);
    const calls = this.wanted.batchNorm === 'train' ? gatherNormalised(padded, network.outputs) : padded;
    for (const name of [inputName, featuresName, featuresGradientName]) tape.graph.name(name);
    const imageShape = this.knownShape();
    values.set(network.input, tape.fromTfjsOrder(inputName, imageShape));
    const recorded = calls.map((gathered) => ({ gathered, record: this.forward(gathered) }));
    const output = values.get(network.outputs[0]!)!;
    tape.graph.nodes.push({ operator: 'Identity', inputs: [tape.inTfjsOrder(output)], output: featuresName, attributes: {} });

    tape.turn();
    const toInput = this.backward(recorded, output, trains);
    const gradients = new Map<string, string>();
    for (const [weight, parts] of this.gradients) {
      const sum = parts.reduce((one, other) => tape.add('Add', [one, other]));
      // Each is written to a place of its own.
      gradients.set(weight, [...gradients.values()].includes(sum) ? tape.add('Identity', [sum]) : sum);
    }
    const inputGradient = toInput && tape.add('Identity', [tape.inTfjsOrder(toInput)]);
    const inBatches = (shape: (number | null)[]) => shape.map((size) => size ?? tape.batch);
    const graphs = cutInTwo(tape, {
      forward: [{ name: inputName, type: 'float', shape: inBatches(imageShape) }, ...Array.from(this.parameters.values(), ({ name, shape }) => ({ name, type: 'float' as const, shape })), ...Array.from(this.movingMeans, ([name, { shape }]) => ({ name, type: 'float' as const, shape: shape as number[] }))],
      backward: [{ name: featuresGradientName, type: 'float', shape: inBatches(output.shape) }],
    }, {
      forward: [featuresName, ...this.statistics.flatMap(({ mean, variance }) => [mean, variance])],
      backward: [...gradients.values(), ...(inputGradient ? [inputGradient] : [])],
    }, this.wanted.inPlace === true);
    const largest = Math.max(...Array.from(values.values(), ({ shape }) => sizes({ shape }).reduce((product, size) => product * size, 1)));
    return {
      ...graphs, inputShape: sizes({ shape: imageShape }), largest, parameters: new Map(Array.from(this.parameters, ([weight, { name }]) => [weight, name])), gradients, inputGradient, statistics: this.statistics, movingMeans: this.movingMeans,
    };
  }

  private knownShape(): (number | null)[] {
    const shape = [null, ...this.network.inputShape.slice(1)];
    if (shape.slice(1).includes(null)) {
      throw failure('ENGINE_UNSUPPORTED', { engine: 'onnx', layer: 'input', type: 'InputLayer', reason: `training wants known sizes; its shape is [${shape.join(', ')}]` });
    }
    return shape;
  }

  private forward({ call, padding, convolution }: GatheredCall): Recorded {
    const record = convolution ? this.normalised(call, this.describe(convolution, padding), convolution.outputs) : this.single(this.describe(call, padding), call.outputs.length);
    this.values.set(call.outputs[0]!, record.output);
    return record;
  }

  private single(described: TrainingCall, outputs: number): Recorded {
    const operator = trainingOperatorFor(described.type);
    if (!operator) throw described.unsupported('there is no gradient for this layer');
    if (outputs !== 1) throw described.unsupported('it has several outputs');
    return operator.forward(described, this.tape);
  }

  /** A convolution and the batch-norm that trains behind it: together where that is faster, else one after the other. */
  private normalised(call: JoinedCall, before: TrainingCall, [between]: number[]): Recorded {
    const behind = () => ({ ...this.describe({ ...call, inputs: [between!], inputTrains: true }, undefined), scalesGradient: true });
    const [input] = before.inputs as [Traced];
    const product = productOf(before, this.tape);
    if (product) {
      this.values.set(between!, { ...input, shape: before.shape });
      const normalisation = batchNormOf(behind());
      if (normalisation) return normalisedProduct(input, before.shape.at(-1)!, { ...normalisation, ...product, inputTrains: before.inputTrains }, this.tape);
    }
    const lowered = isWorthLowering(before, this.tape) ? this.movingMean(call.layer) : undefined;
    const convolved = this.single({ ...before, lowered }, 1);
    this.values.set(between!, convolved.output);
    return chain(convolved, this.single({ ...behind(), lowered }, call.outputs.length));
  }

  private movingMean(layer: Layer): string {
    const weight = layer.weights.find(({ originalName }) => ownName(originalName) === 'moving_mean')!;
    const name = this.tape.graph.name(weight.originalName);
    this.movingMeans.set(name, weight);
    return name;
  }

  private describe({ layer, inputs, block, activation: behind, inputTrains }: JoinedCall, padding: Layer | undefined): TrainingCall {
    const values = inputs.map((input) => this.values.get(input)!);
    const padded = padding ? [{ ...values[0]!, shape: padding.computeOutputShape(values[0]!.shape) as (number | null)[] }] : values;
    const { name, type, config, unsupported, shape } = describeCall(layer, padded, this.weights);
    const parameter = (own: string) => this.parameter(layer, own);
    const frozen = (of: Layer) => (own: string) => this.weights.get(of.id)?.get(own)?.data;
    const { batchNormalization, activation = 'linear' } = block ?? {};
    const affine = batchNormalization && frozenAffine(frozen(batchNormalization), describeCall(batchNormalization, [{ ...values[0]!, shape }], this.weights).config.number('epsilon') ?? 1e-3);
    return {
      name, type, config, unsupported, shape, inputs: values, parameter, frozen: frozen(layer), batchNorm: this.wanted.batchNorm,
      inputTrains: inputTrains || this.wanted.inputGradient === true,
      required(own) {
        const found = parameter(own);
        if (!found) throw unsupported(`it has no weight ${own}`);
        return found;
      },
      block: block && { affine, activation },
      activation: behind,
      pads: padding && sidesOf(describeCall(padding, values, this.weights), 'padding'),
      statistics: (mean, variance) => {
        this.statistics.push({ layer, mean, variance, places: (shape.slice(1, -1) as number[]).reduce((product, size) => product * size, 1) });
      },
    };
  }

  private parameter(layer: Layer, own: string): Parameter | undefined {
    const weight = layer.weights.find(({ originalName }) => ownName(originalName) === own);
    if (!weight || !this.trainable.has(weight.originalName)) return undefined;
    let parameter = this.parameters.get(weight.originalName);
    if (!parameter) {
      parameter = {
        name: this.tape.graph.name(weight.originalName),
        shape: weight.shape as number[],
        gradient: (name) => this.gradients.set(weight.originalName, [...(this.gradients.get(weight.originalName) ?? []), name]),
      };
      this.parameters.set(weight.originalName, parameter);
    }
    return parameter;
  }

  /** @returns the gradient of the network's input, where it is wanted */
  private backward(recorded: readonly { gathered: GatheredCall; record: Recorded }[], output: Traced, trains: (layer: Layer) => boolean): Traced | undefined {
    const { tape, network } = this;
    const arriving = new Map<number, Traced[]>([[network.outputs[0]!, [tape.fromTfjsOrder(featuresGradientName, output.shape)]]]);
    for (const { gathered: { call, convolution }, record } of recorded.toReversed()) {
      const parts = arriving.get(call.outputs[0]!);
      arriving.delete(call.outputs[0]!);
      const needed = call.inputTrains || this.wanted.inputGradient || trains(call.layer) || (convolution && trains(convolution.layer));
      if (!parts || !needed) continue;
      record.backward(this.total(parts)).forEach((gradient, place) => {
        const input = call.inputs[place]!;
        if (gradient) arriving.set(input, [...(arriving.get(input) ?? []), gradient]);
      });
    }
    const parts = this.wanted.inputGradient ? arriving.get(network.input) : undefined;
    return parts && this.total(parts);
  }

  /** A tensor that several read gets the sum of what comes back. */
  private total([first, ...others]: readonly Traced[]): Traced {
    return others.reduce((sum, part) => ({ ...sum, name: this.tape.add('Add', [sum.name, this.tape.lay(part, sum.layout).name]) }), first!);
  }
}

