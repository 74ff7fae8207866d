"""
What is measured of Keras on TensorFlow, compiled: tf.function for inference, compile() and train_on_batch() for training.
Without XLA (jit_compile=False, which Keras itself picks on a CPU): with it MobileNetV2's forward pass at 224 px ran at a sixth of the speed.
"""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from rounds import request, serve  # noqa: E402

ask = request()
size, batch, work = ask["size"], ask["batch"], ask["work"]
tf.config.threading.set_intra_op_parallelism_threads(ask["threads"])
keras.utils.set_random_seed(1)
# The first layer of the last stages: everything from the last drop of the resolution on.
FIRST = {"mobilenet-v1 0.25": "conv_pad_12", "mobilenet-v2 1.0": "block_13_expand"}[ask["network"]]
shape = (size, size, 3)
if ask["network"] == "mobilenet-v1 0.25":
    base = keras.applications.MobileNet(shape, alpha=0.25, include_top=False, weights=None)
else:
    base = keras.applications.MobileNetV2(shape, include_top=False, weights=None)
images = np.random.default_rng(1).random((batch, *shape), np.float32) * 2 - 1


def settle():
    """Gives batch-norm layers the statistics of what they see: with random weights the signal would shrink to denormal numbers."""
    norms = [layer for layer in base.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momentum = norms[0].momentum
    for norm in norms:
        norm.momentum = 0.0
    base(images, training=True)
    for norm in norms:
        norm.momentum = momentum


settle()


def network(classes, training=None, activation=None):
    inputs = keras.Input(shape)
    pooled = keras.layers.GlobalAveragePooling2D()(base(inputs, training=training))
    return keras.Model(inputs, keras.layers.Dense(classes, activation=activation)(pooled) if classes else pooled)


def forward(classes):
    model = network(classes, False, "softmax")
    run = tf.function(lambda batch: model(batch, training=False), jit_compile=False)
    fixed = tf.constant(images)
    return batch, lambda: run(fixed).numpy()


def train(batch_norm, frozen):
    """frozen(index of the layer) -> whether it stays as it is"""
    for index, layer in enumerate(base.layers):
        layer.trainable = not frozen(index) and not (batch_norm == "frozen" and isinstance(layer, keras.layers.BatchNormalization))
    model = network(10, False if batch_norm == "frozen" else None)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(1e-4, momentum=0.9), loss, jit_compile=False)
    targets = np.arange(batch) % 10
    return batch, lambda: model.train_on_batch(images, targets)


def last_stages():
    first = [layer.name for layer in base.layers].index(FIRST)
    return train("frozen", lambda index: index < first)


works = {
    "forward": lambda: forward(1000),
    "features": lambda: forward(0),
    "head-only epoch": lambda: train("frozen", lambda index: True),
    "last-stages step": last_stages,
    "full step, batch-norm frozen": lambda: train("frozen", lambda index: False),
    "full step, batch-norm train": lambda: train("train", lambda index: False),
}
serve(f"Keras {keras.__version__} compiled", works[work])
