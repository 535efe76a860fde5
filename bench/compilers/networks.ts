import type { Graph } from '../../src/graph/graph';
import { mobilenetV2 } from '../mobilenet-v2';
import { RESIDUAL_NETWORKS } from '../residual-networks';

/** Fovea's own, in `weights/`. */
export const OWN_NETWORKS: readonly string[] = ['classifier', 'detector', 'segmenter'];

/** With random weights, of shapes that are known: what Fovea's own were before, and what others publish times of. */
export const MADE_NETWORKS: Readonly<Record<string, () => Graph>> = {
  ...RESIDUAL_NETWORKS,
  'mobilenet-v2': mobilenetV2,
};

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

export const NETWORKS: readonly string[] = [
  ...OWN_NETWORKS,
  ...Object.keys(MADE_NETWORKS),
  ...Object.keys(ONNX_NETWORKS),
];
