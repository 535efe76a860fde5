import wgsl from '../../../shaders/ssd-decode.wgsl?raw';
import { grid1d, type OperatorKernels, tensor } from '../kernel';
import { defineShader } from '../shader';

const shader = defineShader('ssd-decode', wgsl);
const WORKGROUP = 64;

/** SSD's box decoding. The default boxes need not be constants. */
export const ssdDecode: OperatorKernels<'ssd-decode'> = {
  layouts: () => ({ inputs: ['linear', 'linear'], outputs: ['linear'] }),
  readsParts: true,
  candidates: ({ node, inputs: [offsets, defaults], outputs: [boxes], device }) => {
    const { variances, clip } = node.attributes;
    const [batch, perImage] = offsets.shape;
    const size = batch * perImage;
    return [
      {
        kernel: 'ssd-decode',
        setting: '',
        dispatches: [
          {
            shader,
            constants: { WORKGROUP },
            bind: { offsets: tensor(offsets), defaults: tensor(defaults), boxes: tensor(boxes) },
            params: {
              offsets: offsets.offset / 4,
              offsets_image: offsets.strides[0] / 4,
              offsets_box: offsets.strides[1] / 4,
              defaults: defaults.offset / 4,
              boxes: boxes.offset / 4,
              size,
              per_image: perImage,
              clip: Number(clip),
              center_variance: variances[0],
              size_variance: variances[1],
            },
            workgroups: grid1d(size, WORKGROUP, device),
          },
        ],
      },
    ];
  },
};
