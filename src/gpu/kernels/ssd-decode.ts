import wgsl from '../../../shaders/ssd-decode.wgsl?raw';
import { linearGrid } from '../grid';
import { allLinear, candidate, type OperatorKernels } from '../kernel';
import { defineShader } from '../shader';

const shader = defineShader('ssd-decode', wgsl);

/** SSD's box decoding. The default boxes need not be constants. */
export const ssdDecode: OperatorKernels<'ssd-decode'> = {
  layouts: allLinear,
  readsParts: 'rows',
  candidates: ({ node, inputs: [offsets, defaults], outputs: [boxes], device }) => {
    const { variances, clip } = node.attributes;
    const [batch, perImage] = offsets.shape;
    const size = batch * perImage;
    return [
      candidate(shader, {
        grid: linearGrid(size, device),
        bind: { offsets, defaults, boxes },
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
      }),
    ];
  },
};
