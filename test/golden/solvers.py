"""Minima that SciPy and scikit-learn find: Rosenbrock's valley, and multinomial logistic regression on
the iris data, and on 400 images of digits of 8x8 pixels."""

import warnings

import numpy
import scipy.optimize
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import golden

valleys = []
for n in (2, 10, 30):
    start = numpy.where(numpy.arange(n) % 2 == 0, -1.2, 1.0)
    found = scipy.optimize.minimize(scipy.optimize.rosen, start, jac=scipy.optimize.rosen_der, method="L-BFGS-B",
                                    options={"maxcor": 10, "ftol": 0, "gtol": 1e-8, "maxiter": 1000})
    valleys.append({"start": start.tolist(), "value": float(found.fun), "parameters": found.x.tolist(), "evaluations": int(found.nfev)})

features, labels = load_iris(return_X_y=True)
features = StandardScaler().fit_transform(features).astype(numpy.float32)


def probe(features, labels, c):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = LogisticRegression(C=c, tol=1e-9, max_iter=10000).fit(features.astype(numpy.float64), labels)
    scores = model.predict_log_proba(features.astype(numpy.float64))
    loss = -scores[numpy.arange(len(labels)), labels].mean() + (model.coef_**2).sum() / (2 * c * len(labels))
    return {"C": c, "kernel": model.coef_.T.tolist(), "bias": model.intercept_.tolist(), "value": float(loss), "iterations": int(model.n_iter_[0])}


pixels, digits = load_digits(return_X_y=True)
pixels, digits = pixels[:400], digits[:400]

golden.write(__file__, ["numpy", "scipy", "scikit-learn"], {
    "rosenbrock": valleys,
    "logistic": {"features": [[float(v) for v in row] for row in features], "labels": labels.tolist(), "probes": [probe(features, labels, c) for c in (0.01, 1.0, 100.0)]},
    # Pixels 0..16; the features are pixels / 16.
    "digits": {"pixels": pixels.astype(int).tolist(), "labels": digits.tolist(), "probes": [probe(pixels / 16, digits, c) for c in (0.01, 0.1, 1.0)]},
})
