"""Reads a tfjs LayersModel (model.json and weight files) into PyTorch, for inference. Enough layers for the MobileNets.

Batch norm is folded into a scale and an offset; 'same' padding is TensorFlow's: the odd pixel goes to the right and below.
"""

import io
import json
import os
from pathlib import Path

import numpy as np

os.environ.setdefault('ORT_DISABLE_TELEMETRY', '1')  # read once, at the import
import onnxruntime
import torch
from torch import nn
from torch.nn import functional as F

BYTES = {'float32': np.float32, 'float16': np.float16, 'int32': np.int32, 'uint8': np.uint8}


def read_weights(folder):
    """{name: array} of every tensor in the weights manifest, dequantised to float32."""
    folder = Path(folder)
    description = json.loads((folder / 'model.json').read_text())
    tensors = {}
    for group in description['weightsManifest']:
        data = b''.join((folder / path).read_bytes() for path in group['paths'])
        offset = 0
        for weight in group['weights']:
            quantization = weight.get('quantization')
            dtype = BYTES[quantization['dtype'] if quantization else weight['dtype']]
            count = int(np.prod(weight['shape']))
            values = np.frombuffer(data, dtype, count, offset).reshape(weight['shape'])
            offset += values.nbytes
            if quantization and 'scale' in quantization:
                values = values * np.float32(quantization['scale']) + np.float32(quantization['min'])
            tensors[weight['name']] = values.astype(np.float32)
        assert offset == len(data), 'the weight files are longer than their manifest'
    return tensors


def same_padding(x, size, stride):
    """TensorFlow's 'same': left, right, top, bottom."""
    pads = []
    for length, k, s in ((x.shape[3], size[1], stride[1]), (x.shape[2], size[0], stride[0])):
        total = max((-(-length // s) - 1) * s + k - length, 0)
        pads += [total // 2, total - total // 2]
    return pads


class LayersModel(nn.Module):
    """forward(images) -> {layer name: output} for the layers named in `outputs`. Images are NCHW."""

    def __init__(self, folder, outputs):
        super().__init__()
        topology = json.loads((Path(folder) / 'model.json').read_text())['modelTopology']
        topology = topology.get('model_config', topology)
        weights = read_weights(folder)
        self.outputs = outputs
        self.steps = []
        for layer in topology['config']['layers']:
            kind, config = layer['class_name'], layer['config']
            name = layer.get('name') or config['name']
            sources = [node[0] for node in layer['inbound_nodes'][0]] if layer.get('inbound_nodes') else []
            tensors = {}
            for key, value in weights.items():
                if key.rsplit('/', 1)[0] == name:
                    tensors[key.rsplit('/', 1)[1]] = torch.from_numpy(value.copy())
            self.steps.append((name, kind, config, sources, self.prepare(name, kind, config, tensors)))
            if all(any(step[0] == output for step in self.steps) for output in outputs):
                break

    def prepare(self, name, kind, config, tensors):
        prepared = {}
        if kind == 'Conv2D':
            prepared['weight'] = tensors['kernel'].permute(3, 2, 0, 1)
        elif kind == 'DepthwiseConv2D':
            prepared['weight'] = tensors['depthwise_kernel'].permute(2, 3, 0, 1)
        elif kind == 'BatchNormalization':
            scale = tensors['gamma'] / torch.sqrt(tensors['moving_variance'] + config['epsilon'])
            prepared['scale'] = scale[None, :, None, None]
            prepared['offset'] = (tensors['beta'] - tensors['moving_mean'] * scale)[None, :, None, None]
        if 'bias' in tensors:
            prepared['bias'] = tensors['bias']
        for key, value in prepared.items():
            contiguous = value.contiguous(memory_format=torch.channels_last) if value.dim() == 4 else value
            self.register_buffer(f'{name}__{key}', contiguous, persistent=False)
        return list(prepared)

    @torch.no_grad()
    def forward(self, images):
        values = {}
        for name, kind, config, sources, keys in self.steps:
            weights = {key: getattr(self, f'{name}__{key}') for key in keys}
            inputs = [values[source] for source in sources]
            values[name] = self.apply_layer(kind, config, weights, inputs, images)
        return {name: values[name].flatten(1) for name in self.outputs}

    @staticmethod
    def apply_layer(kind, config, weights, inputs, images):
        if kind == 'InputLayer':
            return images
        x = inputs[0]
        if kind in ('Conv2D', 'DepthwiseConv2D'):
            weight = weights['weight']
            groups = weight.shape[0] if kind == 'DepthwiseConv2D' else 1
            stride, padding = config['strides'], 0
            if config['padding'] == 'same':
                pads = same_padding(x, weight.shape[2:], stride)
                if len(set(pads)) == 1:
                    padding = pads[0]
                else:
                    x = F.pad(x, pads)
            return F.conv2d(x, weight, weights.get('bias'), stride, padding, groups=groups)
        if kind == 'BatchNormalization':
            return x * weights['scale'] + weights['offset']
        if kind == 'Activation' and config['activation'] == 'relu6' or kind == 'ReLU':
            return x.clamp(0, 6)
        if kind == 'Add':
            return inputs[0] + inputs[1]
        if kind == 'ZeroPadding2D':
            (top, bottom), (left, right) = config['padding']
            return F.pad(x, (left, right, top, bottom))
        if kind == 'GlobalAveragePooling2D':
            return x.mean((2, 3), keepdim=True)
        if kind in ('Reshape', 'Dropout'):
            return x.reshape(x.shape[0], -1, 1, 1) if kind == 'Reshape' else x
        raise ValueError(f'layer kind {kind} is not known here')


class Flat(nn.Module):
    """The same network with a tuple for an output, as an ONNX export wants it."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, images):
        return tuple(self.network(images).values())


def onnx_session(folder, outputs, size, threads=2):
    """The network in onnxruntime, which is about twice as fast here: run(images) -> one array per output."""
    network = Flat(LayersModel(folder, outputs))
    file = io.BytesIO()
    axes = {'images': {0: 'batch'}, **{output: {0: 'batch'} for output in outputs}}
    torch.onnx.export(network, (torch.zeros(2, 3, size, size),), file, dynamo=False,
                      input_names=['images'], output_names=outputs, dynamic_axes=axes)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(file.getvalue(), options)
    return lambda images: session.run(None, {'images': np.ascontiguousarray(images)})
