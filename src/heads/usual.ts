import type { PictureChoices } from './head';

type Range = Pick<PictureChoices, 'mean' | 'std'>;

const same = (mean: number, std: number): Range => ({ mean: [mean, mean, mean], std: [std, std, std] });

/** Ranges that networks are commonly trained with, as means and deviations of values in 0..1. */
export const RANGES = {
  unit: same(0, 1),
  bytes: same(0, 1 / 255),
  signed: same(0.5, 0.5),
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
} as const satisfies Record<string, Range>;

/** ImageNet's, in the order blue, green, red, as OpenMMLab's detectors round them. */
const OPENMMLAB: Range = {
  mean: [103.53 / 255, 116.28 / 255, 123.675 / 255],
  std: [57.375 / 255, 57.12 / 255, 58.395 / 255],
};

/** The grey that Ultralytics' and Megvii's detectors have around pictures of other proportions. */
const BARS = 114 / 255;

/** By the code that networks of a kind were published with. */
export const USUAL = {
  /** torchvision's and timm's classifiers: the short side to 256, the middle 224. */
  imagenet: { fit: 'crop', keep: 0.875, wholePixels: true, channels: 'rgb', ...RANGES.imagenet },
  /** Keras' classifiers, with channels last. */
  keras: { fit: 'squash', channels: 'rgb', ...RANGES.signed },
  ultralytics: { fit: 'letterbox', align: 'centre', wholePixels: true, bars: BARS, channels: 'rgb', ...RANGES.unit },
  yolox: { fit: 'letterbox', align: 'top-left', wholePixels: true, bars: BARS, channels: 'bgr', ...RANGES.bytes },
  nanodet: { fit: 'squash', channels: 'bgr', ...OPENMMLAB },
  rtmdet: { fit: 'letterbox', align: 'top-left', wholePixels: true, bars: BARS, channels: 'bgr', ...OPENMMLAB },
  ssd: { fit: 'squash', channels: 'rgb', mean: [0.48235, 0.45882, 0.40784], std: [1 / 255, 1 / 255, 1 / 255] },
  ssdlite: { fit: 'squash', channels: 'rgb', ...RANGES.signed },
  ultraface: { fit: 'squash', channels: 'rgb', ...same(127 / 255, 128 / 255) },
  yunet: { fit: 'letterbox', align: 'top-left', wholePixels: true, bars: 0, channels: 'bgr', ...RANGES.bytes },
  retinaface: {
    fit: 'letterbox',
    align: 'top-left',
    wholePixels: true,
    bars: 0,
    channels: 'bgr',
    mean: [104 / 255, 117 / 255, 123 / 255],
    std: [1 / 255, 1 / 255, 1 / 255],
  },
  mediapipe: { fit: 'letterbox', align: 'centre', bars: 0, channels: 'rgb', ...RANGES.signed },
  /** ViTPose's, HRNet's, RTMPose's: a person in their own proportions, black around them. */
  person: { fit: 'letterbox', align: 'centre', bars: 0, channels: 'rgb', ...RANGES.imagenet },
  imagenetWhole: { fit: 'squash', channels: 'rgb', ...RANGES.imagenet },
  unitWhole: { fit: 'squash', channels: 'rgb', ...RANGES.unit },
} as const satisfies Record<string, PictureChoices>;
