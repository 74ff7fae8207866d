import { contractVersion } from '@cultivar/sdk';
import type { GraphConstant, GraphPort, OnnxGraph } from './graph.js';
import { dataType, modelProto } from './schema.js';

/** Operator set and format version: read by ONNX Runtime from 1.12 on. */
const operatorSet = 17;
const irVersion = 8;

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function rawData({ data }: GraphConstant): Uint8Array {
  if (littleEndian) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = new DataView(new ArrayBuffer(data.byteLength));
  if (data instanceof Float32Array) data.forEach((value, index) => bytes.setFloat32(4 * index, value, true));
  else data.forEach((value, index) => bytes.setBigInt64(8 * index, value, true));
  return new Uint8Array(bytes.buffer);
}

/** [domain, name]. */
function splitOperator(operator: string): [string, string] {
  const dot = operator.lastIndexOf('.');
  return [operator.slice(0, Math.max(dot, 0)), operator.slice(dot + 1)];
}

function valueInfo({ name, type, shape }: GraphPort): object {
  if (type === 'list') return { name, type: { sequenceType: { elemType: { tensorType: { elemType: dataType.float } } } } };
  const dim = shape?.map((size, axis) => (size === null ? { dimParam: axis === 0 ? 'batch' : `${name}_${axis}` } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: dataType[type], ...(dim && { shape: { dim } }) } } };
}

/** The graph as the bytes of an .onnx file. Constants that nothing reads are left out. */
export function encodeModel(graph: OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const uses = graph.uses();
  const model = {
    irVersion,
    producerName: 'cultivar',
    producerVersion: contractVersion,
    opsetImport: [
      { domain: '', version: operatorSet },
      ...[...new Set(graph.nodes.map(({ operator }) => splitOperator(operator)[0]))].filter((domain) => domain !== '').map((domain) => ({ domain, version: 1 })),
    ],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: 'network',
      node: graph.nodes.map(({ operator, inputs, output, further = [], attributes }) => ({
        input: inputs,
        output: [output, ...further],
        name: output,
        opType: splitOperator(operator)[1],
        domain: splitOperator(operator)[0],
        attribute: Object.entries(attributes).map(([name, attribute]) => ({ name, ...attribute })),
      })),
      initializer: [...graph.constants].filter(([name]) => uses.has(name)).map(([name, constant]) => ({
        name,
        dims: constant.dimensions,
        dataType: constant.data instanceof Float32Array ? dataType.float : dataType.int64,
        rawData: rawData(constant),
      })),
      input: graph.inputs.map(valueInfo),
      output: graph.outputs.map(valueInfo),
    },
  };
  return modelProto().encode(modelProto().fromObject(model)).finish();
}
