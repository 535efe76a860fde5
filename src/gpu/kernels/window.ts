import type { Window } from '../../graph/operators';
import { type Candidate, channelBlocks, gridFits, type KernelContext, rowGrid, tensor, view } from '../kernel';
import type { ParamValues, Shader } from '../shader';

const WORKGROUP = 64;

/** The one way to slide a window over an nhwc4 image: an invocation per vec4 of the output, a workgroup row per row. */
export function slideWindow(
  shader: Shader,
  { inputs: [x], outputs: [y], device }: KernelContext,
  { kernel, stride, dilation, padding }: Window,
  constants: Readonly<Record<string, number>>,
  params: ParamValues,
): Candidate[] {
  const [, channels, inHeight, inWidth] = x.shape;
  const [batch, , outHeight, outWidth] = y.shape;
  const rows = batch * outHeight;
  const workgroups = rowGrid(outWidth * channelBlocks(channels), rows, WORKGROUP, device);
  if (!gridFits(workgroups, device)) return [];
  return [
    {
      kernel: shader.name,
      setting: '',
      dispatches: [
        {
          shader,
          constants: { WORKGROUP, ...constants },
          bind: { x: tensor(x), y: tensor(y) },
          params: {
            x: view(x),
            y: view(y),
            rows,
            in_height: inHeight,
            in_width: inWidth,
            out_height: outHeight,
            out_width: outWidth,
            channels,
            kernel,
            stride,
            dilation,
            padding: padding.slice(0, 2),
            ...params,
          },
          workgroups,
        },
      ],
    },
  ];
}
