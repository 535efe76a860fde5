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
        return self.bn(self.conv(x))


# --- Classifier ---

# MobileNetV2 (Sandler et al. 2018, table 2): expansion, output channels, blocks, stride of the first block.
MOBILE_STEM = 32
STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
WIDE = 1280
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

    def __init__(self):
        super().__init__()
        self.stem = ConvBN(3, MOBILE_STEM, 3, 2)
        cin = MOBILE_STEM
        for i, (expansion, cout, blocks, stride) in enumerate(STAGES, 1):
            stage = nn.Sequential()
            for b in range(blocks):
                stage.append(InvertedResidual(cin, cout, expansion, stride if b == 0 else 1))
                cin = cout
            setattr(self, f"stage{i}", stage)

    def features(self, x):
        x = F.relu6(self.stem(x))  #             [N,  32, S/2,  S/2 ]
        for i in range(1, len(STAGES) + 1):
            x = getattr(self, f"stage{i}")(x)  # [N,  16, S/2,  S/2 ] … [N, 320, S/32, S/32]
            if i == FROZEN:
                # Nothing before is trained, so nothing before needs a gradient.
                x = x.detach()
        return x

    def frozen(self):
        return [self.stem, *(getattr(self, f"stage{i}") for i in range(1, FROZEN + 1))]

    def train(self, mode=True):
        super().train(mode)
        for part in self.frozen():
            part.eval().requires_grad_(False)
        return self


class Classifier(MobileNet):
    """[N, 3, 192, 192] -> logits [N, 104]: of 103 things, and of none of them."""

    def __init__(self, classes=103, dropout=0.2):
        super().__init__()
        self.top = ConvBN(STAGES[-1][1], WIDE, 1)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(WIDE, classes + 1)
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)

    def forward(self, x):
        wide = F.relu6(self.top(self.features(x)))  # [N, 1280, 6, 6]
        return self.head(self.drop(wide.mean((2, 3))))


# --- What detector and segmenter share ---

# Output channels and number of residual blocks of the four stages.
CHANNELS = (48, 96, 192, 224)
BLOCKS = (2, 2, 2, 1)
STEM = 32


class Block(nn.Module):
    """Residual block: two 3x3 convolutions; halves the picture when stride is 2.

    The shortcut of a halving block is a 2x2 max-pool and a 1x1 convolution, so
    that no pixel is skipped.
    """

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.pool = stride == 2
        self.shortcut = ConvBN(cin, cout, 1) if stride == 2 or cin != cout else None

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.pool:
            x = F.max_pool2d(x, 2)
        if self.shortcut is not None:
            x = self.shortcut(x)
        return F.relu(x + y)


class Backbone(nn.Module):
    """Stem and four stages; the n-th entry of the result is at stride 2^(n+1)."""

    # Applied to pixel / 255.
    MEAN = (0.485, 0.456, 0.406)
    STD = (0.25, 0.25, 0.25)

    def __init__(self):
        super().__init__()
        self.stem = ConvBN(3, STEM, 3, 2)
        cin = STEM
        for i, (cout, blocks) in enumerate(zip(CHANNELS, BLOCKS)):
            stage = nn.Sequential(*[Block(cin if b == 0 else cout, cout, 2 if b == 0 else 1) for b in range(blocks)])
            setattr(self, f"stage{i + 1}", stage)
            cin = cout

    def features(self, x):
        c1 = F.relu(self.stem(x))  # [N,  32, S/2,  S/2]
        c2 = self.stage1(c1)  #      [N,  48, S/4,  S/4]
        c3 = self.stage2(c2)  #      [N,  96, S/8,  S/8]
        c4 = self.stage3(c3)  #      [N, 192, S/16, S/16]
        c5 = self.stage4(c4)  #      [N, 224, S/32, S/32]
        return c1, c2, c3, c4, c5


# --- Detector ---

DETECTOR_SIZE = 192
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


class Detector(Backbone):
    """[N, 3, 192, 192] -> class logits [N, 3438, 1 + classes] (0: background), box offsets [N, 3438, 4].

    A single-shot detector over four feature maps. The two finer ones are
    refined from above (1x1 laterals, nearest upsampling, sum) before the heads.
    """

    def __init__(self, classes=20):
        super().__init__()
        self.lateral3 = ConvBN(CHANNELS[1], PYRAMID, 1)
        self.lateral4 = ConvBN(CHANNELS[2], PYRAMID, 1)
        self.lateral5 = ConvBN(CHANNELS[3], PYRAMID, 1)
        self.smooth3 = ConvBN(PYRAMID, PYRAMID, 3)
        self.smooth4 = ConvBN(PYRAMID, PYRAMID, 3)
        self.extra6 = ConvBN(PYRAMID, PYRAMID, 3, 2)
        # The three coarser maps have boxes of the same shapes, relative to their scale, and share their head.
        self.head_fine = Head(PYRAMID, BOXES_PER_CELL[0], classes + 1)
        self.head_coarse = Head(PYRAMID, BOXES_PER_CELL[1], classes + 1)

    def forward(self, x):
        _, _, c3, c4, c5 = self.features(x)
        t5 = F.relu(self.lateral5(c5))  #                                                       [N, 96,  6,  6]
        t4 = F.relu(self.lateral4(c4) + F.interpolate(t5, scale_factor=2.0, mode="nearest"))  # [N, 96, 12, 12]
        t3 = F.relu(self.lateral3(c3) + F.interpolate(t4, scale_factor=2.0, mode="nearest"))  # [N, 96, 24, 24]
        p3 = F.relu(self.smooth3(t3))
        p4 = F.relu(self.smooth4(t4))
        p6 = F.relu(self.extra6(t5))  #                                                         [N, 96,  3,  3]
        rows = [self.head_fine(p3)] + [self.head_coarse(p) for p in (p4, t5, p6)]
        return torch.cat([r[0] for r in rows], 1), torch.cat([r[1] for r in rows], 1)


# --- Segmenter ---

SEGMENTER_SIZE = 192
NECK = 96
DECODER = (112, 64, 48, 16)


class Segmenter(Backbone):
    """[N, 3, 192, 192] -> logits [N, 1 + classes, 96, 96] (0: background).

    A U-Net: the decoder doubles the map four times, each time joining the
    encoder's map of that size. Whoever needs every pixel resizes the logits
    bilinearly to the picture and takes the highest.
    """

    def __init__(self, classes=20):
        super().__init__()
        self.neck = ConvBN(CHANNELS[3], NECK, 1)
        self.up4 = ConvBN(NECK + CHANNELS[2], DECODER[0], 3)
        self.up3 = ConvBN(DECODER[0] + CHANNELS[1], DECODER[1], 3)
        self.up2 = ConvBN(DECODER[1] + CHANNELS[0], DECODER[2], 3)
        self.up1 = ConvBN(DECODER[2] + STEM, DECODER[3], 3)
        self.head = nn.Conv2d(DECODER[3], classes + 1, 1)

    def forward(self, x):
        c1, c2, c3, c4, c5 = self.features(x)
        d = F.relu(self.neck(c5))  #                            [N,  96,  6,  6]
        d = F.relu(self.up4(torch.cat([double(d), c4], 1)))  #  [N, 112, 12, 12]
        d = F.relu(self.up3(torch.cat([double(d), c3], 1)))  #  [N,  64, 24, 24]
        d = F.relu(self.up2(torch.cat([double(d), c2], 1)))  #  [N,  48, 48, 48]
        d = F.relu(self.up1(torch.cat([double(d), c1], 1)))  #  [N,  16, 96, 96]
        return self.head(d)  #                                  [N,  21, 96, 96]


def double(x):
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
