"""What is measured of PyTorch: channels-last, eager, as its tutorials do it, and on stored features as well."""
import torch
from rounds import request, serve
from torch import nn
from torch_networks import WIDTH, freeze_batch_norm, parts

ask = request()
size, batch, work, stored = ask["size"], ask["batch"], ask["work"], ask["engine"] == "pytorch-stored"
torch.set_num_threads(ask["threads"])
torch.manual_seed(1)
prefix, suffix = parts(ask["network"])
width = WIDTH[ask["network"]]


def photos(count):
    return torch.randn(count, 3, size, size).contiguous(memory_format=torch.channels_last)


def forward(classify):
    head = nn.Linear(width, 1000)
    prefix.eval(), suffix.eval()
    images = photos(batch)

    @torch.inference_mode()
    def step():
        pooled = suffix(prefix(images)).mean((2, 3))
        return head(pooled).softmax(1) if classify else pooled

    return batch, step


def train(read, features, parameters):
    """A step of gradient descent. read() -> inputs; features(inputs) -> what the head reads."""
    head = nn.Linear(width, 10)
    optimizer = torch.optim.SGD([*parameters, *head.parameters()], lr=1e-4, momentum=0.9)

    def step(inputs=None):
        inputs = read() if inputs is None else inputs
        targets = torch.arange(len(inputs)) % 10
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(head(features(inputs)), targets)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def frozen(network, images):
    with torch.no_grad():
        return network(images)


def full_step(batch_norm):
    for part in (prefix, suffix):
        part.train()
        if batch_norm == "frozen":
            freeze_batch_norm(part)
    images = photos(batch)
    parameters = [one for part in (prefix, suffix) for one in part.parameters() if one.requires_grad]
    return batch, train(lambda: images, lambda inputs: suffix(prefix(inputs)).mean((2, 3)), parameters)


def last_stages():
    prefix.eval(), suffix.train()
    freeze_batch_norm(suffix)
    images = photos(batch)
    parameters = [one for one in suffix.parameters() if one.requires_grad]
    if not stored:
        return batch, train(lambda: images, lambda inputs: suffix(frozen(prefix, inputs)).mean((2, 3)), parameters)
    store = torch.cat([frozen(prefix, photos(batch)) for _ in range(8)]).contiguous(memory_format=torch.channels_last)
    return batch, train(lambda: store[torch.randperm(len(store))[:batch]], lambda inputs: suffix(inputs).mean((2, 3)), parameters)


def head_only():
    prefix.eval(), suffix.eval()
    if not stored:
        images = photos(batch)
        return batch, train(lambda: images, lambda inputs: frozen(suffix, frozen(prefix, inputs)).mean((2, 3)), [])
    count = max(256, 8 * batch)
    store = torch.cat([frozen(suffix, frozen(prefix, photos(batch))).mean((2, 3)) for _ in range(count // batch)])
    step = train(None, lambda inputs: inputs, [])

    def epoch():
        for rows in torch.randperm(count).split(batch):
            step(store[rows])

    return count, epoch


works = {
    "forward": lambda: forward(True),
    "features": lambda: forward(False),
    "head-only epoch": head_only,
    "last-stages step": last_stages,
    "full step, batch-norm frozen": lambda: full_step("frozen"),
    "full step, batch-norm train": lambda: full_step("train"),
}
serve(f"PyTorch {torch.__version__.split('+')[0]} channels-last{', prefix stored' if stored else ''}", works[work])
