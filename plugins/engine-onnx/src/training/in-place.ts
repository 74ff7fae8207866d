import { encodeModel } from '../onnx/encode.js';
import { OnnxGraph } from '../onnx/graph.js';
import { loadRuntime, type InferenceSession, type Tensor } from '@cultivar/onnxruntime';

/** By their names in a graph. */
export type Tensors = Record<string, Tensor>;

/**
 * Results that are written where there is room for them already. The runtime takes such room, but then copies each result into
 * new memory all the same, at a millisecond a megabyte, most of it for pages that the system has to clear. It hands results over in the order
 * of the graph's outputs and gives up at a list, which it does not know how to hand over; by then everything has been computed, and
 * stands in its room. So the first output of a graph is an empty list.
 */
const listName = 'handed.over.no.further';

/** Puts the list in front of a graph's outputs. */
export function withList(graph: OnnxGraph): void {
  graph.nodes.push({ operator: 'SequenceEmpty', inputs: [], output: listName, attributes: {} });
  graph.outputs.unshift({ name: listName, type: 'list' });
}

const feedsOf = (session: InferenceSession, all: Readonly<Tensors>): Tensors => Object.fromEntries(session.inputNames.map((name) => [name, all[name]!]));

/** @returns all results, in new memory */
export async function runAnew(session: InferenceSession, all: Readonly<Tensors>): Promise<Tensors> {
  return (await session.run(feedsOf(session, all), session.outputNames.filter((name) => name !== listName))) as Tensors;
}

export type Shapes = Readonly<Record<string, readonly number[]>>;

/** Of the results of a graph, where the runtime knows all before it runs; else undefined. */
export function shapesOf(session: InferenceSession): Shapes | undefined {
  const shapes: Record<string, number[]> = {};
  for (const port of session.outputMetadata.filter(({ name }) => name !== listName)) {
    // No shape at all stands for an unknown one: a step has no scalars.
    if (!port.isTensor || port.type !== 'float32' || port.shape.length === 0 || !port.shape.every((size) => typeof size === 'number')) return undefined;
    shapes[port.name] = port.shape as number[];
  }
  return shapes;
}

/**
 * Room for the results of a graph.
 * @param places of results that have one already, as large as they are; may be parts of one array
 */
export function roomFor(shapes: Shapes, RuntimeTensor: typeof Tensor, places: ReadonlyMap<string, Float32Array> = new Map()): Tensors {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [
    name, new RuntimeTensor('float32', places.get(name) ?? new Float32Array(shape.reduce((product, size) => product * size, 1)), shape),
  ]));
}

/**
 * Writes the results of a graph with a list in front into `room`, tensors of their shapes.
 * @param refusal what the runtime says of a list
 * @throws whatever else the runtime says
 */
export async function runInPlace(session: InferenceSession, all: Readonly<Tensors>, room: Tensors, refusal: string): Promise<void> {
  try {
    await session.run(feedsOf(session, all), { ...room, [listName]: null });
  } catch (error) {
    if ((error as Error).message !== refusal) throw error;
  }
}

/** Doubles three numbers, twice, in the same room. */
async function probe(): Promise<string | undefined> {
  const graph = new OnnxGraph();
  graph.inputs.push({ name: 'x', type: 'float', shape: [3] });
  graph.outputs.push({ name: graph.add('Add', ['x', 'x'], {}, 'y'), type: 'float' });
  withList(graph);
  const { InferenceSession: Session, Tensor: RuntimeTensor } = await loadRuntime();
  const session = await Session.create(encodeModel(graph), { executionProviders: ['cpu'], logSeverityLevel: 4, intraOpNumThreads: 1 });
  try {
    const room = { y: new RuntimeTensor('float32', new Float32Array(3), [3]) };
    let refusal = '';
    for (const numbers of [[1, 2, 3], [-4, 5, 0.5]]) {
      try {
        await session.run({ x: new RuntimeTensor('float32', Float32Array.from(numbers), [3]) }, { ...room, [listName]: null });
      } catch (error) {
        refusal = (error as Error).message;
      }
      if (!numbers.every((number, index) => room.y.data[index] === 2 * number)) return undefined;
    }
    return refusal;
  } finally {
    await session.release();
  }
}

let found: Promise<string | undefined> | undefined;

/** What this runtime says of a list when all else is done and in its place. Tried once: undefined where results do not come to stand in the room given. */
export const refusalOfLists = (): Promise<string | undefined> => (found ??= probe().catch(() => undefined));
