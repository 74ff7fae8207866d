"""
TensorFlow features and scikit-learn's LogisticRegressionCV: what a Python user writes for a linear probe.

    python sklearn_probe.py DATA WEIGHTS
Prints one JSON line.
"""
import json
import os
import sys
import time

started = time.time()
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402
import numpy as np  # noqa: E402
import sklearn  # noqa: E402
from sklearn.linear_model import LogisticRegressionCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

from dataset import pipeline, samples  # noqa: E402
from tfjs_weights import mobilenet_v2  # noqa: E402

data, weights = sys.argv[1:3]
rows, names = samples(data)
base = mobilenet_v2(weights)
network = keras.Sequential([keras.Input((224, 224, 3)), keras.layers.Rescaling(1 / 127.5, offset=-1), base, keras.layers.GlobalAveragePooling2D()])
features, labels = {}, {}
for split in ("train", "val"):
    features[split] = network.predict(pipeline(rows[split], 224, 32).map(lambda images, _: images), verbose=0)
    labels[split] = np.array([label for _, label in rows[split]])
featured = time.time() - started
probe = make_pipeline(StandardScaler(), LogisticRegressionCV(Cs=np.logspace(-4, 1, 8), cv=5, max_iter=200, scoring="neg_log_loss", n_jobs=2, l1_ratios=(0,), use_legacy_attributes=True))
probe.fit(features["train"], labels["train"])
print(json.dumps({
    "what": "TensorFlow features, LogisticRegressionCV", "keras": keras.__version__, "sklearn": sklearn.__version__,
    "accuracy": round(float(np.mean(probe.predict(features["val"]) == labels["val"])), 4),
    "featureSeconds": round(featured, 1), "seconds": round(time.time() - started, 1),
}))
