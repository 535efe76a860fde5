/** Fovea's own, in `weights/`. */
export const OWN_NETWORKS: readonly string[] = ['classifier', 'detector', 'segmenter'];

/** Others, by their file in the shared material's `onnx/models`. */
export const ONNX_NETWORKS: Readonly<Record<string, string>> = {
  'squeezenet-1.1': 'squeezenet1.1/squeezenet1.1.onnx',
  'mobilenet-v1-0.25': 'mobilenet-v1-0.25/mobilenet_v1_0.25_224.onnx',
  ultraface: 'ultraface/ultraface-rfb320-simplified.onnx',
  'selfie-segmentation': 'selfie-segmentation/selfie-seg-landscape.onnx',
  'yolox-nano': 'yolox-nano/yolox-nano.onnx',
  blazeface: 'blazeface-front/blazeface-front-128.onnx',
  'sinet-portrait': 'sinet-portrait/sinet-portrait-softmax.onnx',
  'superres-espcn': 'superres-espcn/superres-espcn.onnx',
  'sed-unet': 'sed-unet/sed-unet.onnx',
};

export const NETWORKS: readonly string[] = [...OWN_NETWORKS, ...Object.keys(ONNX_NETWORKS)];
