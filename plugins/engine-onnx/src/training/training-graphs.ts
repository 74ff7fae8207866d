import { OnnxGraph, type GraphPort } from '../onnx/graph.js';
import type { Tape } from './tape.js';

/** The two halves of a training step. What the first keeps is an output of it and an input of the second, under one name. */
export interface TrainingGraphs {
  forward: OnnxGraph;
  backward: OnnxGraph;
  /** Outputs of the forward graph that the backward graph reads. */
  kept: string[];
}

/**
 * Cuts a written step in two where it turns.
 * @param inputs of the whole step: those of the forward graph, and the gradient of its output
 * @param results of either pass, by name
 */
export function cutInTwo(tape: Tape, inputs: { forward: GraphPort[]; backward: GraphPort[] }, results: { forward: string[]; backward: string[] }): TrainingGraphs {
  const { graph } = tape;
  const forward = new OnnxGraph();
  const backward = new OnnxGraph();
  forward.nodes.push(...graph.nodes.slice(0, tape.turned));
  backward.nodes.push(...graph.nodes.slice(tape.turned));
  for (const half of [forward, backward]) for (const [name, constant] of graph.constants) half.constants.set(name, constant);

  const read = new Set([...backward.nodes.flatMap((node) => node.inputs), ...results.backward]);
  const kept = forward.nodes.flatMap(({ output, further = [] }) => [output, ...further]).filter((name) => read.has(name));
  const port = (name: string): GraphPort => ({ name, type: tape.types.get(name) ?? 'float' });
  forward.inputs.push(...inputs.forward);
  forward.outputs.push(...[...new Set([...results.forward, ...kept])].map(port));
  backward.inputs.push(...inputs.backward, ...inputs.forward.filter(({ name }) => read.has(name)), ...kept.map(port));
  backward.outputs.push(...results.backward.map(port));
  return { forward, backward, kept };
}
