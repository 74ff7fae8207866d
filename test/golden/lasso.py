"""What scikit-learn makes of a logistic regression with an L1 penalty on two classes of digits. With two classes a multinomial regression with a
group lasso, a group for each feature, is the same problem: its rows are (-b/2, b/2), their length |b| / sqrt(2), so that lambda sum_j |w_j| is
(lambda / sqrt(2)) sum_j |b_j|."""

import warnings

import numpy
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import golden

digits, labels = load_digits(return_X_y=True)
chosen = numpy.isin(labels, (1, 8))
features, labels = digits[chosen][:120, ::2], (labels[chosen][:120] == 8).astype(int)
features = StandardScaler().fit_transform(features).astype(numpy.float32).astype(numpy.float64)
rows = len(labels)
# The gradient of the mean log-loss where all weights are zero: rows (a, -a), of length sqrt(2) |a|.
largest = float(numpy.sqrt(2) * numpy.abs(features.T @ (labels.mean() - labels)).max() / rows)
probes = []
for penalty in (0.05, 0.3, 0.9):
    c = numpy.sqrt(2) / (penalty * largest * rows)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = LogisticRegression(C=c, l1_ratio=1.0, solver="saga", tol=1e-10, max_iter=200000, random_state=0).fit(features, labels)
    probes.append({"penalty": penalty, "lambda": penalty * largest, "weights": model.coef_[0].tolist(), "bias": float(model.intercept_[0])})

golden.write(__file__, ["numpy", "scikit-learn"], {"features": features.tolist(), "labels": labels.tolist(), "probes": probes})
