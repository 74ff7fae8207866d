"""Figures of predictions, by scikit-learn: of unbalanced classes, of two classes, and of probabilities with many ties."""

import numpy
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score, roc_auc_score

import golden

random = numpy.random.default_rng(11)


def predictions(share, rows, noise, digits=None):
    labels = random.choice(len(share), rows, p=share)
    logits = random.normal(size=(rows, len(share))) * noise + 1.5 * numpy.eye(len(share))[labels]
    probabilities = numpy.exp(logits) / numpy.exp(logits).sum(1, keepdims=True)
    if digits is not None:
        probabilities = numpy.round(probabilities, digits)
        probabilities[:, -1] = 1 - probabilities[:, :-1].sum(1)
    probabilities = probabilities.astype(numpy.float32).astype(float)
    onehot = numpy.eye(len(share))[labels]
    return {
        "probabilities": probabilities.tolist(), "labels": labels.tolist(),
        "balancedAccuracy": balanced_accuracy_score(labels, probabilities.argmax(1)),
        "macroF1": f1_score(labels, probabilities.argmax(1), average="macro"),
        "auc": float(numpy.mean([roc_auc_score(onehot[:, k], probabilities[:, k]) for k in range(len(share))])),
        "averagePrecision": float(numpy.mean([average_precision_score(onehot[:, k], probabilities[:, k]) for k in range(len(share))])),
        "brierScore": float(numpy.mean(numpy.sum((probabilities - onehot) ** 2, 1))),
    }


golden.write(__file__, ["numpy", "scikit-learn"], {"metrics": [
    predictions([0.8, 0.15, 0.05], 120, 1.0), predictions([0.7, 0.3], 60, 1.5), predictions([0.4, 0.3, 0.2, 0.1], 90, 1.0, 1),
]})
