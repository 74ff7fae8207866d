"""What scikit-learn makes of a classification: logistic regression on standardised features, and the figures of its evaluation."""

import warnings

import numpy
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, precision_recall_fscore_support
from sklearn.preprocessing import StandardScaler

import golden

digits, labels = load_digits(n_class=4, return_X_y=True)
# Every third pixel; the first of them never changes.
features, labels = digits[:160, ::3].astype(numpy.float32), labels[:160]
scaler = StandardScaler().fit(features.astype(numpy.float64))
standardised = scaler.transform(features.astype(numpy.float64))
probes = []
for c in (0.01, 0.3, 10.0):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = LogisticRegression(C=c, tol=1e-9, max_iter=10000).fit(standardised, labels)
    probes.append({"C": c, "kernel": model.coef_.T.tolist(), "bias": model.intercept_.tolist(), "probabilities": model.predict_proba(standardised).tolist()})

# Predictions that are neither right nor sure, with a class that is never predicted and one that never occurs.
random = numpy.random.default_rng(5)
truth = random.integers(0, 4, 80)
logits = random.normal(size=(80, 5)) + 1.5 * numpy.eye(5)[truth]
logits[:, 3] -= 8
guess = (numpy.exp(logits) / numpy.exp(logits).sum(1, keepdims=True)).astype(numpy.float32)
precision, recall, f1, support = precision_recall_fscore_support(truth, guess.argmax(1), labels=range(5), zero_division=0)

# Guo et al. 2017, equation 3, with numpy's own binning; scikit-learn has no such figure.
confidence = guess.max(1).astype(numpy.float64)
right = guess.argmax(1) == truth
bins = numpy.digitize(confidence, numpy.linspace(0, 1, 16)[1:-1], right=True)
ece = sum(abs(right[bins == b].mean() - confidence[bins == b].mean()) * (bins == b).mean() for b in range(15) if (bins == b).any())

golden.write(__file__, ["numpy", "scikit-learn"], {
    "features": features.astype(float).tolist(), "labels": labels.tolist(), "probes": probes,
    "evaluation": {
        "probabilities": guess.astype(float).tolist(), "labels": truth.tolist(), "accuracy": accuracy_score(truth, guess.argmax(1)),
        "loss": log_loss(truth, guess.astype(numpy.float64) / guess.astype(numpy.float64).sum(1, keepdims=True), labels=range(5)),
        "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(), "support": support.tolist(),
        "confusion": confusion_matrix(truth, guess.argmax(1), labels=range(5)).tolist(), "calibrationError": float(ece),
    },
    "half": {"values": [0.0, -0.0, 1.0, -2.5, 0.1, 65504.0, 65520.0, 1e-8, 5.96e-8, 6.1e-5, 0.33325195, 2049.0, 2051.0, -1e30],
             "encoded": numpy.array([0.0, -0.0, 1.0, -2.5, 0.1, 65504.0, 65520.0, 1e-8, 5.96e-8, 6.1e-5, 0.33325195, 2049.0, 2051.0, -1e30], numpy.float32).astype(numpy.float16).view(numpy.uint16).tolist()},
})
