"""Label smoothing and weight decay as PyTorch computes them, and the epoch at which Keras stops early."""

import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import torch

import golden

torch.manual_seed(0)
logits = torch.randn(5, 4, dtype=torch.float64)
labels = torch.tensor([0, 3, 1, 1, 2])
smoothing = [
    {"smoothing": s, "loss": torch.nn.functional.cross_entropy(logits, labels, label_smoothing=s).item()} for s in (0.0, 0.1, 0.3, 1.0)
]

decay = []
for lam in (1e-4, 0.05):
    weight = torch.nn.Parameter(torch.linspace(-1, 2, 7, dtype=torch.float64))
    before = weight.detach().clone()
    weight.grad = torch.zeros_like(weight)
    torch.optim.SGD([weight], lr=1.0, weight_decay=lam).step()
    decay.append({"lambda": lam, "weight": before.tolist(), "gradient": (before - weight.detach()).tolist()})



class Network:
    """All that Keras's callback asks of a model."""

    stop_training = False
    optimizer = None


losses = [1.0, 0.9, 0.85, 0.86, 0.849, 0.8495, 0.84, 0.85, 0.86, 0.84, 0.83999, 0.9, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.77]
stops = []
for patience, delta in [(1, 0), (2, 0), (3, 0), (3, 0.01), (5, 0), (5, 0.2), (20, 0)]:
    callback = keras.callbacks.EarlyStopping(monitor="val_loss", mode="min", patience=patience, min_delta=delta)
    callback.set_model(Network())
    callback.on_train_begin()
    stopped = None
    for epoch, loss in enumerate(losses, 1):
        callback.on_epoch_end(epoch - 1, {"val_loss": loss})
        if callback.model.stop_training:
            stopped = epoch
            break
    stops.append({"patience": patience, "minimumDelta": delta, "epoch": stopped})

golden.write(__file__, ["torch", "keras"], {"logits": logits.tolist(), "labels": labels.tolist(), "smoothing": smoothing, "decay": decay, "losses": losses, "stops": stops})
