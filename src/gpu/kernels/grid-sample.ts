import wgsl from '../../../shaders/grid-sample.wgsl?raw';
import { type Candidate, channelBlocks, gridFits, type OperatorKernels, rowGrid, tensor, view } from '../kernel';
import { defineShader } from '../shader';

const shader = defineShader('grid-sample', wgsl);
const WORKGROUP = 64;
const MODES = { nearest: 0, linear: 1, cubic: 2 } as const;
const PADDINGS = { zeros: 0, border: 1, reflection: 2 } as const;

/** Nearest, linear and cubic samples of a picture at the points of a grid. */
export const gridSample: OperatorKernels<'grid-sample'> = {
  layouts: () => ({ inputs: ['nhwc4', 'linear'], outputs: ['nhwc4'] }),
  candidates: ({ node: { attributes }, inputs: [x, grid], outputs: [y], device }) => {
    const { mode, padding, alignCorners } = attributes;
    const [batch, channels, outHeight, outWidth] = y.shape;
    const [, , height, width] = x.shape;
    const rows = batch * outHeight;
    const blocks = channelBlocks(channels);
    // A GPU wants neighbours in memory side by side; a CPU wants a pixel's weights computed once.
    const lanes = blocks === 1 ? [1] : device.software ? [1, blocks] : [blocks, 1];
    return lanes.flatMap((lanes): Candidate[] => {
      const workgroups = rowGrid(outWidth * lanes, rows, WORKGROUP, device);
      if (!gridFits(workgroups, device)) return [];
      return [
        {
          kernel: 'grid-sample',
          setting: `${lanes === 1 ? 'every block' : 'one block'} of 4 channels`,
          dispatches: [
            {
              shader,
              constants: {
                MODE: MODES[mode],
                PADDING: PADDINGS[padding],
                ALIGN_CORNERS: Number(alignCorners),
                WORKGROUP,
              },
              bind: { x: tensor(x), grid: tensor(grid), y: tensor(y) },
              params: {
                x: view(x),
                y: view(y),
                grid_offset: grid.offset,
                rows,
                out_height: outHeight,
                out_width: outWidth,
                in_size: [width, height],
                blocks,
                lanes,
              },
              workgroups,
            },
          ],
        },
      ];
    });
  },
};
