type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether the topology was written by Keras 3, whose JSON tfjs cannot read. */
export function isKeras3(topology: Json): boolean {
  return /^3\b/.test(String(topology['keras_version'] ?? '')) || JSON.stringify(topology).includes('"__keras_tensor__"');
}

/**
 * Rewrites a Keras 3 topology the way Keras 2 wrote it: `batch_shape` is `batch_input_shape`, a dtype policy is a name,
 * a layer's inputs are lists [layer, node, tensor, arguments], and what the network reads and gives are lists of such.
 */
export function toKeras2(topology: Json): Json {
  return rewrite(topology) as Json;
}

function rewrite(value: unknown, key = ''): unknown {
  if (key === 'inbound_nodes' && Array.isArray(value)) return value.map((node) => (isObject(node) ? tensorsIn(node['args']) : node));
  if ((key === 'input_layers' || key === 'output_layers') && Array.isArray(value) && typeof value[0] === 'string') return [value];
  if (key === 'dtype' && isObject(value)) return (value['config'] as Json | undefined)?.['name'] ?? 'float32';
  if (Array.isArray(value)) return value.map((item) => rewrite(item));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([name]) => name !== 'module' && name !== 'registered_name' && name !== 'build_config');
  return Object.fromEntries(entries.map(([name, child]) => [name === 'batch_shape' ? 'batch_input_shape' : name, rewrite(child, name)]));
}

/** All tensors in the arguments of a call, as [layer, node, tensor, arguments]. */
function tensorsIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (!isObject(value)) return [];
  const history = (value['config'] as Json | undefined)?.['keras_history'];
  if (value['class_name'] === '__keras_tensor__' && Array.isArray(history)) return [[...(history as unknown[]), {}]];
  return [];
}
