"""Rounds of scikit-learn's AdaBoost (SAMME) with shallow trees on the iris data: what each member says, how wrong it is, how much it weighs."""

import numpy
from sklearn.datasets import load_iris
from sklearn.ensemble import AdaBoostClassifier
from sklearn.tree import DecisionTreeClassifier

import golden

features, labels = load_iris(return_X_y=True)
features = features[:, :2]
model = AdaBoostClassifier(DecisionTreeClassifier(max_depth=1, random_state=0), n_estimators=6, random_state=0).fit(features, labels)

# The weights that each round began with, gone over by the formula of the paper.
weights = numpy.full(len(labels), 1 / len(labels))
rounds = []
for member, alpha, error in zip(model.estimators_, model.estimator_weights_, model.estimator_errors_):
    said = member.predict(features)
    rounds.append({"says": said.tolist(), "error": float(error), "alpha": float(alpha), "weights": weights.tolist()})
    weights = weights * numpy.exp(alpha * (said != labels))
    weights /= weights.sum()

golden.write(__file__, ["numpy", "scikit-learn"], {"labels": labels.tolist(), "rounds": rounds, "predictions": model.predict(features).tolist()})
