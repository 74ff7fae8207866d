"""
scikit-learn's LogisticRegression on stored features: with the strength that ours has chosen, and as it comes.

    python sklearn_solve.py FOLDER C
FOLDER holds train.f32, validation.f32 (rows of float32) and train.json, validation.json (their labels). Prints one JSON line.
"""
import json
import sys
import time

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

folder, C = sys.argv[1], float(sys.argv[2])


def table(part):
    labels = np.array(json.load(open(f"{folder}/{part}.json")))
    return np.fromfile(f"{folder}/{part}.f32", np.float32).reshape(len(labels), -1), labels


features, labels = table("train")
others, truth = table("validation")
rows = []


def solve(what, scaler, **options):
    begin, processor = time.time(), time.process_time()
    probe = LogisticRegression(**options).fit(scaler.transform(features), labels)
    seconds, processor = time.time() - begin, time.process_time() - processor
    probabilities = probe.predict_proba(scaler.transform(others))
    rows.append({
        "what": f"{what}, {int(probe.n_iter_[0])} iterations", "seconds": round(seconds, 1), "cpuSeconds": round(processor, 1),
        "accuracy": float(np.mean(probabilities.argmax(1) == truth)), "loss": float(log_loss(truth, probabilities, labels=probe.classes_)),
    })


standard = StandardScaler().fit(features)
solve("scikit-learn, C = 1", standard, max_iter=1000)
# Pareto scaling, as ours: https://doi.org/10.1186/1471-2164-7-142
pareto = StandardScaler().fit(features)
pareto.scale_ = np.sqrt(standard.scale_ * np.mean(standard.scale_))
solve(f"scikit-learn, Pareto-scaled, C = {C:g}", pareto, C=C, max_iter=1000)
print(json.dumps({"rows": rows}))
