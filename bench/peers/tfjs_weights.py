"""Puts the weights of a tfjs LayersModel folder into the Keras network of the same layer names."""
import json
import pathlib

import numpy as np


def read(folder):
    """All weights of a tfjs LayersModel folder, by name."""
    folder = pathlib.Path(folder)
    manifest = json.loads((folder / "model.json").read_text())["weightsManifest"]
    weights = {}
    for group in manifest:
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        offset = 0
        for weight in group["weights"]:
            count = int(np.prod(weight["shape"]))
            weights[weight["name"]] = np.frombuffer(data, np.float32, count, offset).reshape(weight["shape"])
            offset += 4 * count
    return weights


def mobilenet_v2(folder, size=224):
    """keras.applications' MobileNetV2 1.0 without top, carrying the weights of the folder."""
    import keras

    network = keras.applications.MobileNetV2(input_shape=(size, size, 3), include_top=False, weights=None)
    weights = read(folder)
    order = {
        "Conv2D": ["kernel"],
        "DepthwiseConv2D": ["depthwise_kernel"],
        "BatchNormalization": ["gamma", "beta", "moving_mean", "moving_variance"],
    }
    for layer in network.layers:
        names = order.get(type(layer).__name__)
        if names:
            layer.set_weights([weights[f"{layer.name}/{name}"] for name in names])
    return network
