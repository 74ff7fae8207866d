"""Step 2: trains nano on the views of step 1.

The loss has three parts: the teacher's pooled features, standardised, from a linear map of the student's (mean squared
error); the class distribution of a linear classifier on the teacher's features (KL, temperature 2); the labels.
AdamW, warm-up and cosine, an exponential moving average of the weights; low resolution first, full resolution after.
Flips, mild crops and colour jitter are drawn anew each time: the teacher's answer hardly depends on them.

Writes nano.pt (the average's weights), nano-last.pt (the last weights: better after a short run, which the average lags
behind) and state.pt (all that --resume needs) to --out, every --save-every steps.
"""

import argparse
import copy
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from network import FEATURES, Nano, multiply_adds


class Student(nn.Module):
    """nano and the linear maps that only training needs."""

    def __init__(self, classes, teacher_width):
        super().__init__()
        self.nano = Nano()
        self.norm = nn.BatchNorm1d(FEATURES)
        self.to_teacher = nn.Linear(FEATURES, teacher_width)
        self.to_classes = nn.Linear(FEATURES, classes)

    def forward(self, images):
        features = self.norm(self.nano(images))
        return self.to_teacher(features), self.to_classes(features)


def augment(images, random, size, zoom=0.7, jitter=0.2):
    """uint8 [B,H,W,3] -> float [B,3,size,size] in -1..1: flip, crop (of side `zoom`..1), brightness, contrast, saturation."""
    x = images.permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    uniform = lambda *shape: torch.rand(*shape, generator=random)
    batch = len(x)
    side = zoom + (1 - zoom) * uniform(batch)
    stretch = (uniform(batch) * 0.3 - 0.15).exp()
    height, width = (side * stretch).clamp(max=1), (side / stretch).clamp(max=1)
    affine = torch.zeros(batch, 2, 3)
    affine[:, 0, 0] = width * torch.where(uniform(batch) < 0.5, 1.0, -1.0)
    affine[:, 1, 1] = height
    affine[:, 0, 2] = (uniform(batch) * 2 - 1) * (1 - width)
    affine[:, 1, 2] = (uniform(batch) * 2 - 1) * (1 - height)
    grid = F.affine_grid(affine, (batch, 3, size, size), align_corners=False)
    x = F.grid_sample(x, grid, padding_mode='border', align_corners=False)
    b, c, s = (uniform(3, batch, 1, 1, 1) * 2 - 1) * jitter
    x = x * (1 + c) + b
    grey = x.mean(1, keepdim=True)
    return (grey + (x - grey) * (1 + s)).clamp(-1, 1)


def teacher_classifier(features, labels, epochs=4):
    """A linear classifier on the teacher's standardised features; returns its logits for all rows."""
    layer = nn.Linear(features.shape[1], int(labels.max()) + 1)
    known = torch.nonzero(labels >= 0)[:, 0]
    optimizer = torch.optim.AdamW(layer.parameters(), 2e-3, weight_decay=1e-2)
    steps = epochs * (len(known) // 256)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    step = 0
    for _ in range(epochs):
        for rows in known[torch.randperm(len(known))].split(256)[:len(known) // 256]:
            loss = F.cross_entropy(layer(features[rows].float()), labels[rows].long())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
    with torch.no_grad():
        logits = torch.cat([layer(part.float()) for part in features.split(4096)])
    accuracy = (logits[known].argmax(1) == labels[known]).float().mean().item()
    print(f'teacher classifier: training accuracy {accuracy:.3f}', flush=True)
    return logits.half(), layer


def average(target, source, decay):
    with torch.no_grad():
        for mean, value in zip(target.state_dict().values(), source.state_dict().values()):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)


@torch.no_grad()
def evaluate(student, images, labels, teacher):
    student.eval()
    right = error = 0
    for start in range(0, len(images), 250):
        x = images[start:start + 250].permute(0, 3, 1, 2).float() / 127.5 - 1
        mapped, logits = student(x.contiguous(memory_format=torch.channels_last))
        right += (logits.argmax(1) == labels[start:start + 250]).sum().item()
        error += F.mse_loss(mapped, teacher[start:start + 250].float(), reduction='sum').item()
    student.train()
    return right / len(images), error / teacher.numel()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--views', required=True, type=Path, help='folder that step 1 wrote')
    parser.add_argument('--out', required=True, type=Path)
    parser.add_argument('--epochs', type=float, default=8, help='passes over all views')
    parser.add_argument('--batch', type=int, default=128)
    parser.add_argument('--rate', type=float, default=3e-3)
    parser.add_argument('--weight-decay', type=float, default=0.02)
    parser.add_argument('--low-size', type=int, default=48, help='resolution of the first part')
    parser.add_argument('--low-part', type=float, default=0.4)
    parser.add_argument('--minutes', type=float, help='stop after so many: the schedule follows the clock, not the epochs')
    parser.add_argument('--average', type=float, default=0.998)
    parser.add_argument('--save-every', type=int, default=200)
    parser.add_argument('--bfloat16', action='store_true', help='autocast: a third faster where the processor has it')
    parser.add_argument('--compile', action='store_true')
    parser.add_argument('--resume', action='store_true')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--threads', type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    read = lambda name: torch.from_numpy(np.load(options.views / f'{name}.npy'))
    images, labels, teacher = read('images'), read('labels'), read('teacher').float()
    mean, deviation = teacher.mean(0), teacher.std(0) + 1e-3
    standardise = lambda features: ((features - mean) / deviation).clamp(-4, 4).half()
    teacher = standardise(teacher)
    val_images, val_labels, val_teacher = read('val-images'), read('val-labels'), standardise(read('val-teacher').float())
    teacher_logits, classifier = teacher_classifier(teacher, labels)
    with torch.no_grad():
        right = (classifier(val_teacher.float()).argmax(1) == val_labels).float().mean().item()
    print(f'teacher classifier: validation accuracy {right:.3f}', flush=True)

    student = Student(teacher_logits.shape[1], teacher.shape[1]).to(memory_format=torch.channels_last)
    mean_student = copy.deepcopy(student)
    print(f'nano: {sum(p.numel() for p in student.nano.parameters())} parameters, '
          f'{multiply_adds(student.nano, 64) / 1e6:.1f} M multiply-adds at 64 px', flush=True)
    decayed = [p for p in student.parameters() if p.dim() > 1]
    others = [p for p in student.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{'params': decayed, 'weight_decay': options.weight_decay},
                                   {'params': others, 'weight_decay': 0}], lr=options.rate)
    per_epoch = len(images) // options.batch
    steps = int(options.epochs * per_epoch)
    random = torch.Generator().manual_seed(options.seed)
    step, spent = 0, 0.0
    if options.resume:
        state = torch.load(options.out / 'state.pt', weights_only=False)
        student.load_state_dict(state['student'])
        mean_student.load_state_dict(state['mean'])
        optimizer.load_state_dict(state['optimizer'])
        random.set_state(state['random'])
        step, spent = state['step'], state['spent']
    forward = torch.compile(student, dynamic=False) if options.compile else student

    def save():
        torch.save(mean_student.nano.state_dict(), options.out / 'nano.pt')
        torch.save(student.nano.state_dict(), options.out / 'nano-last.pt')
        torch.save({'student': student.state_dict(), 'mean': mean_student.state_dict(), 'optimizer': optimizer.state_dict(),
                    'random': random.get_state(), 'step': step, 'spent': spent}, options.out / 'state.part')
        (options.out / 'state.part').replace(options.out / 'state.pt')

    started, shown, order = time.time() - spent, time.time(), torch.empty(0, dtype=torch.long)
    sums, seen = torch.zeros(3), 0
    while True:
        spent = time.time() - started
        position = spent / 60 / options.minutes if options.minutes else step / steps
        if position >= 1:
            break
        if len(order) < options.batch:
            order = torch.randperm(len(images), generator=random)
        rows, order = order[:options.batch], order[options.batch:]
        warm = 0.04
        rate = options.rate * (position / warm if position < warm else
                               0.5 * (1 + math.cos(math.pi * (position - warm) / (1 - warm))) + 1e-3)
        for group in optimizer.param_groups:
            group['lr'] = rate

        size = options.low_size if position < options.low_part else images.shape[1]
        x = augment(images[rows], random, size)
        with torch.autocast('cpu', torch.bfloat16, enabled=options.bfloat16):
            mapped, logits = forward(x.contiguous(memory_format=torch.channels_last))
        mapped, logits = mapped.float(), logits.float()
        known = labels[rows] >= 0
        feature_loss = F.mse_loss(mapped, teacher[rows].float())
        class_loss = 4 * F.kl_div(F.log_softmax(logits / 2, 1), F.softmax(teacher_logits[rows].float() / 2, 1),
                                  reduction='batchmean')
        label_loss = F.cross_entropy(logits[known], labels[rows][known].long(), label_smoothing=0.1)
        loss = 3 * feature_loss + 0.5 * class_loss + 0.25 * label_loss
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(student.parameters(), 5)
        optimizer.step()
        step += 1
        average(mean_student, student, min(options.average, (1 + step) / (10 + step)))
        sums += torch.tensor([feature_loss.item(), class_loss.item(), label_loss.item()])
        seen += 1
        if step % 50 == 0:
            print(f'step {step} part {position:.3f} epoch {step / per_epoch:.2f} rate {rate:.5f} '
                  f'features {sums[0] / seen:.4f} classes {sums[1] / seen:.3f} labels {sums[2] / seen:.3f} '
                  f'{seen * options.batch / (time.time() - shown):.0f} img/s', flush=True)
            sums, seen, shown = torch.zeros(3), 0, time.time()
        if step % options.save_every == 0:
            save()
        if step % (4 * options.save_every) == 0:
            accuracy, error = evaluate(mean_student, val_images, val_labels, val_teacher)
            print(f'step {step} validation: accuracy {accuracy:.4f}, feature error {error:.4f}', flush=True)
            shown, seen, sums = time.time(), 0, torch.zeros(3)
    save()
    accuracy, error = evaluate(mean_student, val_images, val_labels, val_teacher)
    print(f'end, step {step}, {spent / 60:.1f} min, {step / per_epoch:.2f} epochs: '
          f'validation accuracy {accuracy:.4f}, feature error {error:.4f}', flush=True)


if __name__ == '__main__':
    main()
