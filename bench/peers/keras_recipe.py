"""
The recipe of TensorFlow's tutorial "Transfer learning and fine-tuning", with given weights at 224 px: flip and rotate,
head by Adam 1e-4 for 10 epochs, then everything from layer 100 on by RMSprop 1e-5 for 10 epochs.

    python keras_recipe.py DATA WEIGHTS
Prints one JSON line.
"""
import json
import os
import sys
import time

started = time.time()
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402

from dataset import pipeline, samples  # noqa: E402
from tfjs_weights import mobilenet_v2  # noqa: E402

data, weights = sys.argv[1:3]
size, batch, rate = 224, 32, 1e-4
keras.utils.set_random_seed(1)
rows, names = samples(data)
train, validation = pipeline(rows["train"], size, batch, shuffle=True), pipeline(rows["val"], size, batch)
base = mobilenet_v2(weights, size)
base.trainable = False

inputs = keras.Input((size, size, 3))
x = keras.layers.RandomFlip("horizontal")(inputs)
x = keras.layers.RandomRotation(0.2)(x)
x = keras.layers.Rescaling(1 / 127.5, offset=-1)(x)
x = base(x, training=False)
x = keras.layers.GlobalAveragePooling2D()(x)
x = keras.layers.Dropout(0.2)(x)
model = keras.Model(inputs, keras.layers.Dense(len(names), activation="softmax")(x))
model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, epochs=10, validation_data=validation, verbose=0)
head = model.evaluate(validation, verbose=0)[1]
head_seconds = time.time() - started

base.trainable = True
for layer in base.layers[:100]:
    layer.trainable = False
model.compile(keras.optimizers.RMSprop(rate / 10), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, epochs=20, initial_epoch=10, validation_data=validation, verbose=0)
tuned = model.evaluate(validation, verbose=0)[1]
print(json.dumps({
    "what": "Keras tutorial recipe", "keras": keras.__version__,
    "headAccuracy": round(head, 4), "headSeconds": round(head_seconds, 1),
    "accuracy": round(tuned, 4), "seconds": round(time.time() - started, 1),
}))
