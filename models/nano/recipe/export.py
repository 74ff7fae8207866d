"""Step 3: writes nano as a tfjs LayersModel (model.json, weights.bin), layer by layer, without TensorFlow.

Convolution kernels are stored as float16, batch norm as float32. PyTorch pads a stride-2 convolution on all four sides,
TensorFlow's 'same' only right and below, so these have a ZeroPadding2D before them.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from network import EPSILON, Nano


class Writer:
    def __init__(self):
        self.layers, self.weights, self.data, self.last = [], [], [], None

    def layer(self, kind, name, config, sources=None, tensors=()):
        sources = sources or ([self.last] if self.last else [])
        inbound = [[[source, 0, 0, {}] for source in sources]] if sources else []
        self.layers.append({'class_name': kind, 'name': name, 'config': {'name': name, **config}, 'inbound_nodes': inbound})
        self.last = name
        for key, values, half in tensors:
            values = np.ascontiguousarray(values, np.float16 if half else np.float32)
            assert np.isfinite(values).all() and values.nbytes % 4 == 0
            entry = {'name': f'{name}/{key}', 'shape': list(values.shape), 'dtype': 'float32'}
            if half:
                entry['quantization'] = {'dtype': 'float16', 'original_dtype': 'float32'}
            self.weights.append(entry)
            self.data.append(values.tobytes())
        return name

    def conv(self, name, module):
        size, stride = module.kernel_size[0], module.stride[0]
        depthwise = module.groups > 1
        if stride > 1:
            self.layer('ZeroPadding2D', f'{name}_pad', {'trainable': True, 'padding': [[1, 1], [1, 1]],
                                                        'data_format': 'channels_last'})
        config = {'trainable': True, 'kernel_size': [size, size], 'strides': [stride, stride],
                  'padding': 'valid' if stride > 1 else 'same', 'data_format': 'channels_last', 'dilation_rate': [1, 1],
                  'activation': 'linear', 'use_bias': False}
        weight = module.weight.detach().numpy()
        if depthwise:
            config |= {'depth_multiplier': 1, 'depthwise_initializer': {'class_name': 'VarianceScaling', 'config': {
                'scale': 1, 'mode': 'fan_avg', 'distribution': 'uniform', 'seed': None}}}
            self.layer('DepthwiseConv2D', name, config, tensors=[('depthwise_kernel', weight.transpose(2, 3, 0, 1), True)])
        else:
            config |= {'filters': module.out_channels, 'kernel_initializer': {'class_name': 'VarianceScaling', 'config': {
                'scale': 1, 'mode': 'fan_avg', 'distribution': 'uniform', 'seed': None}}}
            self.layer('Conv2D', name, config, tensors=[('kernel', weight.transpose(2, 3, 1, 0), True)])

    def norm(self, name, module):
        tensors = [(key, value.detach().numpy(), False) for key, value in (
            ('gamma', module.weight), ('beta', module.bias),
            ('moving_mean', module.running_mean), ('moving_variance', module.running_var))]
        self.layer('BatchNormalization', name, {'trainable': True, 'axis': -1, 'momentum': 0.9, 'epsilon': EPSILON,
                                                'center': True, 'scale': True}, tensors=tensors)

    def relu6(self, name):
        self.layer('ReLU', name, {'trainable': True, 'max_value': 6})


def write(nano, size):
    writer = Writer()
    writer.layer('InputLayer', 'image', {'batch_input_shape': [None, size, size, 3], 'dtype': 'float32', 'sparse': False})
    writer.conv('stem_conv', nano.stem_conv)
    writer.norm('stem_bn', nano.stem_bn)
    writer.relu6('stem_relu')
    for index, block in enumerate(nano.blocks):
        name, entry = f'block_{index}', writer.last
        if block.expansion > 1:
            writer.conv(f'{name}_expand', block.expand)
            writer.norm(f'{name}_expand_bn', block.expand_bn)
            writer.relu6(f'{name}_expand_relu')
        writer.conv(f'{name}_depthwise', block.depthwise)
        writer.norm(f'{name}_depthwise_bn', block.depthwise_bn)
        writer.relu6(f'{name}_depthwise_relu')
        writer.conv(f'{name}_project', block.project)
        writer.norm(f'{name}_project_bn', block.project_bn)
        if block.residual:
            writer.layer('Add', f'{name}_add', {'trainable': True}, sources=[entry, writer.last])
    writer.conv('head_conv', nano.head_conv)
    writer.norm('head_bn', nano.head_bn)
    writer.relu6('head_relu')
    writer.layer('GlobalAveragePooling2D', 'features', {'trainable': True, 'data_format': 'channels_last'})
    return writer


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--weights', required=True, type=Path, help='nano.pt of step 2')
    parser.add_argument('--size', required=True, type=int, help='input size written into the file')
    parser.add_argument('--out', required=True, type=Path)
    options = parser.parse_args()
    nano = Nano().eval()
    nano.load_state_dict(torch.load(options.weights, weights_only=True))
    writer = write(nano, options.size)
    description = {
        'format': 'layers-model', 'generatedBy': 'models/nano/recipe/export.py', 'convertedBy': None,
        'modelTopology': {'keras_version': '2.15.0', 'backend': 'tensorflow', 'model_config': {
            'class_name': 'Functional', 'config': {
                'name': 'nano', 'trainable': True, 'layers': writer.layers,
                'input_layers': [['image', 0, 0]], 'output_layers': [['features', 0, 0]]}}},
        'weightsManifest': [{'paths': ['weights.bin'], 'weights': writer.weights}],
    }
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / 'model.json').write_text(json.dumps(description, separators=(',', ':')) + '\n')
    (options.out / 'weights.bin').write_bytes(b''.join(writer.data))
    print(f'{len(writer.layers)} layers, {sum(map(len, writer.data))} bytes of weights')


if __name__ == '__main__':
    main()
