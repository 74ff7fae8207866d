import { serialization } from '@tensorflow/tfjs-core';

type Json = Record<string, unknown>;

/** Calls of layers in a network, those in nested networks counted as often as these are called; the deepest known have some 1,500. */
const mostCalls = 2000;
/** Sides of windows, strides, paddings and the like. */
const largestWindow = 8192;
/** Other whole numbers, such as filters. */
const largestCount = 2 ** 24;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const named = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value) ?? 'nothing').slice(0, 80);

/** A network in the words of tfjs: keys in camel case, nothing beside them. */
export interface Topology {
  className: string;
  config: unknown;
}

/**
 * Takes the network out of the topology of a LayersModel (as Keras 2 writes it), and looks through it before tfjs builds from it: tfjs would build for
 * ever where layers wait for one another, takes any number and any key of an object for what it should be, and follows addresses that stand there.
 * @throws Error in words
 */
export function checkedTopology(topology: Json): Topology {
  const config = camelKeys(topology['model_config'] ?? topology);
  if (!isObject(config)) throw new Error('its model_config is not an object');
  checkLayer(config);
  return { className: config['className'] as string, config: config['config'] };
}

/** As tfjs renames them. */
const camelCase = (key: string): string => (key.length > 1 ? key.replace(/_+(\w|$)/g, (_, letter: string) => letter.toUpperCase()) : key);

/** What is checked is then what is built, however a key was written. */
function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (!isObject(value)) return value;
  const renamed = new Map<string, unknown>();
  for (const [key, child] of Object.entries(value)) {
    const name = camelCase(key);
    if (renamed.has(name)) throw new Error(`it says ${named(key)} twice`);
    renamed.set(name, camelKeys(child));
  }
  return Object.fromEntries(renamed);
}

/** @returns calls of layers in it, itself one: a network that calls another twice, that one a third, and so on, holds few layers and never ends */
function checkLayer(layer: unknown): number {
  if (!isObject(layer)) throw new Error(`${named(layer)} stands where a layer should be`);
  const kind = layer['className'];
  if (typeof kind !== 'string' || !Object.hasOwn(serialization.SerializationMap.getMap().classNameMap, camelCase(kind))) throw new Error(`there is no layer of class ${named(kind)}`);
  const config = layer['config'];
  const name = isObject(config) ? config['name'] : undefined;
  if (name !== undefined && (typeof name !== 'string' || name in Object.prototype)) throw new Error(`${named(name)} is no name of a layer`);
  const inner = Array.isArray(config) ? config : isObject(config) ? config['layers'] : undefined;
  let calls = 1;
  if (Array.isArray(inner)) {
    for (const one of inner) calls += checkLayer(one) * Math.max(1, isObject(one) && Array.isArray(one['inboundNodes']) ? one['inboundNodes'].length : 1);
    if (kind !== 'Sequential') checkConnections(config as Json, inner as Json[]);
  } else if (isObject(config)) for (const [key, value] of Object.entries(config)) calls += checkSetting(value, key, typeof name === 'string' ? name : kind);
  else throw new Error(`layer ${kind} has no settings`);
  if (calls > mostCalls) throw new Error(`it calls more than ${mostCalls} layers`);
  return calls;
}

/** What a layer's calls read. */
type Call = { from: string; node: number }[];

function callsOf(layer: Json): Call[] {
  const nodes = layer['inboundNodes'];
  if (!Array.isArray(nodes)) throw new Error(`layer ${named(layer['name'])} does not say what it reads`);
  return nodes.map((node: unknown) => {
    if (!Array.isArray(node)) throw new Error(`layer ${named(layer['name'])} does not say what it reads`);
    return node.map((input: unknown) => {
      const [from, index, tensor] = Array.isArray(input) ? input as unknown[] : [];
      if (typeof from !== 'string' || !Number.isInteger(index) || (index as number) < 0 || !Number.isInteger(tensor) || (tensor as number) < 0) throw new Error(`layer ${named(layer['name'])} reads ${named(input)}, which is no output of a layer`);
      return { from, node: index as number };
    });
  });
}

/** Every call must come to have its inputs: tfjs waits for them without end. */
function checkConnections(config: Json, layers: Json[]): void {
  const waiting = new Map<string, Call[]>();
  const made = new Map<string, number>();
  for (const layer of layers) {
    const name = layer['name'];
    const own = isObject(layer['config']) ? layer['config']['name'] : undefined;
    if (typeof name !== 'string' || name in Object.prototype) throw new Error(`${named(name)} is no name of a layer`);
    if (own !== undefined && own !== name) throw new Error(`layer ${named(name)} is called ${named(own)}, too`);
    if (made.has(name)) throw new Error(`two layers are called ${named(name)}`);
    const inner = isObject(layer['config']) ? layer['config']['layers'] : layer['config'];
    // An input, and a network as a layer, have an output before they are called.
    made.set(name, layer['className'] === 'InputLayer' || Array.isArray(inner) ? 1 : 0);
    waiting.set(name, callsOf(layer));
  }
  for (const [name, calls] of waiting) {
    for (const { from } of calls.flat()) if (!made.has(from)) throw new Error(`layer ${named(name)} reads layer ${named(from)}, which is not there`);
  }
  makeAll(waiting, made);
  for (const ends of ['inputLayers', 'outputLayers']) {
    for (const end of Array.isArray(config[ends]) ? config[ends] as unknown[] : []) {
      const [name, node] = Array.isArray(end) ? end as unknown[] : [];
      if (typeof name !== 'string' || !Number.isInteger(node) || (made.get(name) ?? 0) <= (node as number) || (node as number) < 0) throw new Error(`${ends} names ${named(end)}, which is not there`);
    }
  }
}

/** Files list layers in the order of their calls, all but a few; tfjs takes minutes for thousands that are listed backwards. */
const mostRounds = 50;

/** Calls layers as tfjs does, in rounds, until all are called; a round in which nothing happens shows a circle. */
function makeAll(waiting: Map<string, Call[]>, made: Map<string, number>): void {
  let open = [...waiting.values()].filter((calls) => calls.length > 0).length;
  for (let round = 1; open > 0; round += 1) {
    if (round > mostRounds) throw new Error('its layers stand in no order');
    let progress = false;
    open = 0;
    for (const [name, calls] of waiting) {
      if (calls.length === 0) continue;
      const left: Call[] = [];
      for (const call of calls) {
        if (call.every(({ from, node }) => made.get(from)! > node)) {
          if (call.length > 0) made.set(name, made.get(name)! + 1);
          progress = true;
        } else left.push(call);
      }
      waiting.set(name, left);
      if (left.length > 0) open += 1;
    }
    if (!progress) throw new Error(`layer ${named([...waiting].find(([, calls]) => calls.length > 0)![0])} waits for its own output`);
  }
}

/** Numbers of a window: height and width of something that moves over the image, or stands around it. */
const windows = /^(kernelSize|poolSize|strides|dilationRate|padding|cropping|size|outputPadding)$/;
/** Other whole numbers; what is left are shares, offsets and the like, of any size. */
const counts = /^(filters|units|depthMultiplier|groups|n|targetShape|batchInputShape|batchShape|inputDim|outputDim|height|width|numTokens)$/;

/** @returns calls of the layers in it */
function checkSetting(value: unknown, key: string, layer: string): number {
  if (typeof value === 'number') {
    const most = windows.test(key) ? largestWindow : counts.test(key) ? largestCount : Number.MAX_VALUE;
    if (!(Math.abs(value) <= most)) throw new Error(`${key} of layer ${named(layer)} is ${value}`);
    return 0;
  }
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + checkSetting(one, key, layer), 0);
  if (!isObject(value)) return 0;
  // Wrappers, such as TimeDistributed, hold layers; initializers, constraints and the like are looked up by tfjs.
  if (holdsLayer(value, key)) return checkLayer(value);
  return Object.entries(value).reduce((sum, [inner, one]) => sum + checkSetting(one, inner, layer), 0);
}

const holdsLayer = (value: Json, key: string): boolean => /^(layer|backwardLayer|forwardLayer|cells?)$/.test(key) || (isObject(value['config']) && 'layers' in value['config']) || Array.isArray(value['config']);
