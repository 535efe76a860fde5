import wgsl from '../../../shaders/grid-sample.wgsl?raw';
import { rowGrid } from '../grid';
import { candidate, type OperatorKernels } from '../kernel';
import { channelBlocks, view } from '../layout';
import { defineShader } from '../shader';

const shader = defineShader('grid-sample', wgsl);
const MODES = { nearest: 0, linear: 1, cubic: 2 } as const;
const PADDINGS = { zeros: 0, border: 1, reflection: 2 } as const;

/** Nearest, linear and cubic samples of a picture at the points of a grid. */
export const gridSample: OperatorKernels<'grid-sample'> = {
  layouts: () => ({ inputs: ['nhwc4', 'linear'], outputs: ['nhwc4'] }),
  candidates: ({ node: { attributes }, inputs: [x, grid], outputs: [y], device }) => {
    const { mode, padding, alignCorners } = attributes;
    const [batch, channels, outHeight, outWidth] = y.shape;
    const rows = batch * outHeight;
    const blocks = channelBlocks(channels);
    const constants = { MODE: MODES[mode], PADDING: PADDINGS[padding], ALIGN_CORNERS: alignCorners };
    const params = {
      x: view(x),
      y: view(y),
      grid_offset: grid.offset,
      rows,
      out_height: outHeight,
      out_width: outWidth,
      in_size: [x.shape[3], x.shape[2]],
      blocks,
    };
    // A GPU wants neighbours in memory side by side; a CPU wants a pixel's weights computed once.
    const choices = device.profile.software ? [1, blocks] : [blocks, 1];
    return [...new Set(choices)].map((lanes) => {
      const setting = `${lanes === 1 ? 'every block' : 'one block'} of 4 channels`;
      const bind = { x, grid, y };
      const workgroups = rowGrid(outWidth * lanes, rows, device);
      return candidate(shader, { grid: workgroups, constants, bind, params: { ...params, lanes } }, setting);
    });
  },
};
