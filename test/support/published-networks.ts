/** The path of each network that the page offers, within `onnx/models` of the shared material. */
export const PUBLISHED_COPIES: Readonly<Record<string, string>> = {
  'YOLOX-nano': 'yolox-nano/yolox-nano.onnx',
  UltraFace: 'ultraface/ultraface-rfb320.onnx',
  YuNet: 'yunet/yunet-n-320.onnx',
  BlazeFace: 'blazeface-front/blazeface-front-128.onnx',
  'Selfie segmentation': 'selfie-segmentation/selfie-seg-landscape.onnx',
  SINet: 'sinet-portrait/sinet-portrait-softmax.onnx',
};
