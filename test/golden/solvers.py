"""Minima that SciPy and scikit-learn find: Rosenbrock's valley, and multinomial logistic regression on the iris data."""

import warnings

import numpy
import scipy.optimize
from sklearn.datasets import load_iris
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
probes = []
for c in (0.01, 1.0, 100.0):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = LogisticRegression(C=c, tol=1e-9, max_iter=10000).fit(features.astype(numpy.float64), labels)
    scores = model.predict_log_proba(features.astype(numpy.float64))
    loss = -scores[numpy.arange(len(labels)), labels].mean() + (model.coef_**2).sum() / (2 * c * len(labels))
    probes.append({"C": c, "kernel": model.coef_.T.tolist(), "bias": model.intercept_.tolist(), "value": float(loss), "iterations": int(model.n_iter_[0])})

golden.write(__file__, ["numpy", "scipy", "scikit-learn"], {
    "rosenbrock": valleys,
    "logistic": {"features": [[float(v) for v in row] for row in features], "labels": labels.tolist(), "probes": probes},
})
