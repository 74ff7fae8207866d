"""nano: a MobileNetV2-like backbone for small images.

stem (stride 2), then inverted residual blocks (Sandler et al. 2018): 1x1 expand, 3x3 depthwise, 1x1 project, with a
residual where shapes allow. A stage is a run of blocks at one resolution; `STAGES` is the whole architecture.
"""

import torch
from torch import nn

STEM = 16
# channels, blocks, stride of the first block, expansion. One row is one stage.
STAGES = (
    (16, 1, 1, 1),
    (32, 2, 2, 3),
    (64, 3, 2, 4),
    (128, 4, 2, 5),
)
FEATURES = 512
EPSILON = 1e-3


def conv(inputs, outputs, size=1, stride=1, groups=1):
    return nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)


def norm(channels):
    return nn.BatchNorm2d(channels, eps=EPSILON, momentum=0.1)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        width = inputs * expansion
        self.residual = stride == 1 and inputs == outputs
        self.expansion = expansion
        if expansion > 1:
            self.expand = conv(inputs, width)
            self.expand_bn = norm(width)
        self.depthwise = conv(width, width, 3, stride, groups=width)
        self.depthwise_bn = norm(width)
        self.project = conv(width, outputs)
        self.project_bn = norm(outputs)

    def forward(self, x):
        y = x
        if self.expansion > 1:
            y = nn.functional.relu6(self.expand_bn(self.expand(y)))
        y = nn.functional.relu6(self.depthwise_bn(self.depthwise(y)))
        y = self.project_bn(self.project(y))
        return x + y if self.residual else y


class Nano(nn.Module):
    """images [B,3,H,W], normalised to -1..1 -> features [B,FEATURES]"""

    def __init__(self):
        super().__init__()
        self.stem_conv = conv(3, STEM, 3, 2)
        self.stem_bn = norm(STEM)
        channels = STEM
        blocks = []
        self.stage_of_block = []
        for stage, (outputs, repeats, stride, expansion) in enumerate(STAGES):
            for repeat in range(repeats):
                blocks.append(Block(channels, outputs, stride if repeat == 0 else 1, expansion))
                self.stage_of_block.append(stage)
                channels = outputs
        self.blocks = nn.ModuleList(blocks)
        self.head_conv = conv(channels, FEATURES)
        self.head_bn = norm(FEATURES)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode='fan_out')

    def maps(self, x):
        x = nn.functional.relu6(self.stem_bn(self.stem_conv(x)))
        for block in self.blocks:
            x = block(x)
        return nn.functional.relu6(self.head_bn(self.head_conv(x)))

    def forward(self, x):
        return self.maps(x).mean((2, 3))


def multiply_adds(model, size):
    """Multiply-adds of one forward pass, convolutions only."""
    total = 0

    def count(module, _, output):
        nonlocal total
        total += module.weight.numel() * output.shape[2] * output.shape[3]

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, nn.Conv2d)]
    training = model.training
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, 3, size, size))
    model.train(training)
    for hook in hooks:
        hook.remove()
    return total
