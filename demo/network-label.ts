const NETWORKS: Readonly<Record<string, string>> = {
  classifier: 'Classifier',
  detector: 'Detector',
  segmenter: 'Segmenter',
  'residual-classifier': 'Residual classifier',
  'residual-detector': 'Residual detector',
  'residual-segmenter': 'Residual segmenter',
  'squeezenet-1.1': 'SqueezeNet 1.1',
  'mobilenet-v1-0.25': 'MobileNetV1 0.25',
  ultraface: 'UltraFace',
  'selfie-segmentation': 'Selfie segmentation',
  'yolox-nano': 'YOLOX-nano',
};

/** `detector-128` is the detector on pictures of 128 × 128 pixels. */
export function networkLabel(name: string): string {
  const [, base, side] = /^((?:residual-)?(?:classifier|detector|segmenter))-(\d+)$/.exec(name) ?? [];
  return side ? `${NETWORKS[base]} at ${side} × ${side}` : (NETWORKS[name] ?? name);
}
