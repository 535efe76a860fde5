import type { Window } from '../../operators/window';
import { rowGrid } from '../grid';
import { type Candidate, candidate, type KernelContext, type Launch } from '../kernel';
import { channelBlocks, view } from '../layout';
import type { ParamValues, Shader } from '../shader';

/** The one way to slide a window over an nhwc4 image: an invocation per vec4 of the output, a workgroup row per row. */
export function slideWindow(
  shader: Shader,
  { inputs: [x], outputs: [y], device }: KernelContext,
  { kernel, stride, dilation, padding }: Window,
  constants: Launch['constants'],
  params: ParamValues,
): Candidate[] {
  const [batch, channels, outHeight, outWidth] = y.shape;
  const rows = batch * outHeight;
  return [
    candidate(shader, {
      grid: rowGrid(outWidth * channelBlocks(channels), rows, device),
      constants,
      bind: { x, y },
      params: {
        x: view(x),
        y: view(y),
        rows,
        in_height: x.shape[2],
        in_width: x.shape[3],
        out_height: outHeight,
        out_width: outWidth,
        channels,
        kernel,
        stride,
        dilation,
        padding: padding.slice(0, 2),
        ...params,
      },
    }),
  ];
}
