"""The three networks. Parameter names are those of the TypeScript models.

Every feature map is [N, C, H, W]; the sizes in the comments are for the input size that the network is exported at.
"""

import torch
from torch import nn
from torch.nn import functional as F


class ConvBN(nn.Module):
    """Convolution without bias, then batch normalisation."""

    def __init__(self, cin, cout, kernel, stride=1, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(cout)

    def forward(self, x):
        if self.conv.groups > 1 and self.conv.stride[0] > 1:
            # On a processor the gradient of these is ten times as slow in bfloat16 as in float32.
            with torch.autocast(x.device.type, enabled=False):
                return self.bn(self.conv(x.float()))
        return self.bn(self.conv(x))


# MobileNetV2 (Sandler et al. 2018, table 2): expansion, output channels, stride of the first block.
STEM = 32
STAGES = ((1, 16, 1), (6, 24, 2), (6, 32, 2), (6, 64, 2), (6, 96, 1), (6, 160, 2), (6, 320, 1))
# Blocks of each stage, and features of the last layer: of MobileNetV2, and of the published networks, which learn from
# those that have all of them.
WHOLE, WHOLE_WIDE = (1, 2, 3, 4, 3, 3, 1), 1280
FEWER, WIDE = (1, 2, 2, 3, 3, 3, 1), 640
# Stages up to this one stay as they are: edges and textures serve every picture, and they are the costliest to train.
FROZEN = 2


class InvertedResidual(nn.Module):
    """1x1 to many channels, a 3x3 filter for each of them, 1x1 back to few; the few are added to where they came from."""

    def __init__(self, cin, cout, expansion, stride):
        super().__init__()
        wide = cin * expansion
        self.expand = ConvBN(cin, wide, 1) if expansion > 1 else None
        self.depthwise = ConvBN(wide, wide, 3, stride, groups=wide)
        self.project = ConvBN(wide, cout, 1)
        self.residual = stride == 1 and cin == cout

    def forward(self, x):
        y = x if self.expand is None else F.relu6(self.expand(x))
        y = self.project(F.relu6(self.depthwise(y)))
        return x + y if self.residual else y


class MobileNet(nn.Module):
    """Stem and seven stages of MobileNetV2."""

    # Applied to pixel / 255: the weights that training starts from want (pixel - 128) / 128.
    MEAN = (128 / 255,) * 3
    STD = (128 / 255,) * 3

    BLOCKS = FEWER

    def __init__(self, whole=False):
        super().__init__()
        blocks, self.wide = (WHOLE, WHOLE_WIDE) if whole else (self.BLOCKS, WIDE)
        self.stem = ConvBN(3, STEM, 3, 2)
        # Of the maps that `features` gives.
        self.channels = []
        cin = STEM
        for i, ((expansion, cout, stride), count) in enumerate(zip(STAGES, blocks, strict=True), 1):
            if stride == 2:
                self.channels.append(cin)
            stage = nn.Sequential()
            for b in range(count):
                stage.append(InvertedResidual(cin, cout, expansion, stride if b == 0 else 1))
                cin = cout
            setattr(self, f"stage{i}", stage)
        self.channels.append(cin)

    def features(self, x):
        """Maps of `channels`: the last of each size, each half as wide and high as the one before, from S/2 on."""
        found = []
        x = F.relu6(self.stem(x))
        for i, (_, _, stride) in enumerate(STAGES, 1):
            if stride == 2:
                found.append(x)
            x = getattr(self, f"stage{i}")(x)
            if i == FROZEN:
                # Nothing before is trained, so nothing before needs a gradient.
                x = x.detach()
        return [*found, x]

    def frozen(self):
        return [self.stem, *(getattr(self, f"stage{i}") for i in range(1, FROZEN + 1))]

    def train(self, mode=True):
        super().train(mode)
        for part in self.frozen():
            part.eval().requires_grad_(False)
        return self


class Classifier(MobileNet):
    """[N, 3, 160, 160] -> logits [N, 104]: of 103 things, and of none of them."""

    def __init__(self, classes=103, whole=False, dropout=0.2):
        super().__init__(whole)
        self.top = ConvBN(self.channels[4], self.wide, 1)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(self.wide, classes + 1)
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)

    def forward(self, x):
        wide = F.relu6(self.top(self.features(x)[-1]))  # [N, 640, 5, 5]
        return self.head(self.drop(wide.mean((2, 3))))


# --- Detector ---

DETECTOR_SIZE = 224
PYRAMID = 96
# One entry per feature map, finest first: default boxes per cell.
BOXES_PER_CELL = (4, 6, 6, 6)


class Head(nn.Module):
    """Class scores and box offsets of one feature map, one row per default box."""

    def __init__(self, cin, boxes, classes):
        super().__init__()
        self.classes = classes
        self.cls = nn.Conv2d(cin, boxes * classes, 3, 1, 1)
        self.box = nn.Conv2d(cin, boxes * 4, 3, 1, 1)

    def forward(self, x):
        n = x.shape[0]
        cls = self.cls(x).permute(0, 2, 3, 1).reshape(n, -1, self.classes)
        box = self.box(x).permute(0, 2, 3, 1).reshape(n, -1, 4)
        return cls, box


class Detector(MobileNet):
    """[N, 3, 224, 224] -> class logits [N, 4702, 1 + classes] (0: background), box offsets [N, 4702, 4].

    A single-shot detector over four feature maps. The two finer ones are
    refined from above (1x1 laterals, nearest upsampling, sum) before the heads.
    """

    def __init__(self, classes=20, whole=False):
        super().__init__(whole)
        self.lateral3 = ConvBN(self.channels[2], PYRAMID, 1)
        self.lateral4 = ConvBN(self.channels[3], PYRAMID, 1)
        self.lateral5 = ConvBN(self.channels[4], PYRAMID, 1)
        self.smooth3 = ConvBN(PYRAMID, PYRAMID, 3)
        self.smooth4 = ConvBN(PYRAMID, PYRAMID, 3)
        self.extra6 = ConvBN(PYRAMID, PYRAMID, 3, 2)
        # The three coarser maps have boxes of the same shapes, relative to their scale, and share their head.
        self.head_fine = Head(PYRAMID, BOXES_PER_CELL[0], classes + 1)
        self.head_coarse = Head(PYRAMID, BOXES_PER_CELL[1], classes + 1)

    def forward(self, x):
        _, _, c3, c4, c5 = self.features(x)
        t5 = F.relu(self.lateral5(c5))  #                                                       [N, 96,  7,  7]
        t4 = F.relu(self.lateral4(c4) + F.interpolate(t5, scale_factor=2.0, mode="nearest"))  # [N, 96, 14, 14]
        t3 = F.relu(self.lateral3(c3) + F.interpolate(t4, scale_factor=2.0, mode="nearest"))  # [N, 96, 28, 28]
        p3 = F.relu(self.smooth3(t3))
        p4 = F.relu(self.smooth4(t4))
        p6 = F.relu(self.extra6(t5))  #                                                         [N, 96,  4,  4]
        rows = [self.head_fine(p3)] + [self.head_coarse(p) for p in (p4, t5, p6)]
        return torch.cat([r[0] for r in rows], 1), torch.cat([r[1] for r in rows], 1)


# --- Segmenter ---

SEGMENTER_SIZE = 192
NECK = 96
DECODER = (128, 64, 48, 16)
AGREEMENT = 0.5  # how much a thing's logit falls for each unit by which its highest is below the surest thing's


class Segmenter(MobileNet):
    """[N, 3, 192, 192] -> logits [N, 1 + classes, 96, 96] (0: background).

    A U-Net: the decoder doubles the map four times, each time joining the
    encoder's map of that size. `coarse` names things on the coarsest map, by
    the classifier's wide features; its answer is added at the end, so that
    the decoder need not pass names on, and learns where things end. Whoever
    needs every pixel resizes the logits bilinearly to the picture and takes
    the highest.
    """

    BLOCKS = (1, 2, 2, 4, 3, 3, 1)

    def __init__(self, classes=20, whole=False):
        super().__init__(whole)
        self.top = ConvBN(self.channels[4], self.wide, 1)
        self.coarse = nn.Conv2d(self.wide, classes + 1, 1)
        self.neck = ConvBN(self.channels[4], NECK, 1)
        self.up4 = ConvBN(NECK + self.channels[3], DECODER[0], 3)
        self.up3 = ConvBN(DECODER[0] + self.channels[2], DECODER[1], 3)
        self.up2 = ConvBN(DECODER[1] + self.channels[1], DECODER[2], 3)
        self.up1 = ConvBN(DECODER[2] + self.channels[0], DECODER[3], 3)
        self.head = nn.Conv2d(DECODER[3], classes + 1, 1)
        nn.init.normal_(self.coarse.weight, std=0.01)
        nn.init.zeros_(self.coarse.bias)

    def forward(self, x, agrees=None):
        """`agrees`: whether the cells agree on names; if not said, only when not training."""
        c1, c2, c3, c4, c5 = self.features(x)
        d = F.relu(self.neck(c5))  #                            [N,  96,   6,   6]
        d = F.relu(self.up4(torch.cat([double(d), c4], 1)))  #  [N, 128,  12,  12]
        d = F.relu(self.up3(torch.cat([double(d), c3], 1)))  #  [N,  64,  24,  24]
        d = F.relu(self.up2(torch.cat([double(d), c2], 1)))  #  [N,  48,  48,  48]
        d = F.relu(self.up1(torch.cat([double(d), c1], 1)))  #  [N,  16,  96,  96]
        names = self.coarse(F.relu6(self.top(c5)))  #           [N,  21,   6,   6]
        if not self.training if agrees is None else agrees:
            names = agreed(names)
        names = F.interpolate(names, scale_factor=16.0, mode="bilinear", align_corners=False)
        return self.head(d) + names  #                          [N,  21,  96,  96]


def agreed(names):
    """Lets the cells agree on names: a thing that is the surest somewhere is likelier everywhere than one that nowhere is.

    Not while training, where names are soon right. Background is not judged: it is in most pictures.
    """
    highest = names[:, 1:].amax((2, 3), keepdim=True)
    fall = AGREEMENT * (highest - highest.amax(1, keepdim=True))
    return names + F.pad(fall, (0, 0, 0, 0, 1, 0))


def double(x):
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
