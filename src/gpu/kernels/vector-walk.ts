import { channelBlocks, type DeviceTraits, grid1d, type TensorDesc, view } from '../kernel';
import { isContiguous, layoutSize } from '../layout';

/**
 * A walk over every vec4 of two tensors of one shape and layout, one invocation each: what shaders with an override
 * FLAT and parameters x, y (Views), size, width, height and channels run over. Contiguous tensors are walked flat;
 * others are nhwc4, and each vec4 is looked up by image, row and column.
 *
 * @param zeroStaysZero the function leaves padding lanes alone, so that the channel need not be known
 */
export function vectorWalk(
  x: TensorDesc,
  y: TensorDesc,
  workgroupSize: number,
  device: DeviceTraits,
  zeroStaysZero: boolean,
) {
  const whole = zeroStaysZero || x.layout === 'linear' || x.shape[1] % 4 === 0;
  const flat = whole && isContiguous(x) && isContiguous(y);
  const [batch, channels, height, width] = flat ? [1, 1, 1, 1] : y.shape;
  const size = flat ? Math.ceil(layoutSize(y.shape, y.layout) / 4) : batch * height * width * channelBlocks(channels);
  const lies = (t: TensorDesc): number[] => (flat ? [t.offset / 4, 0, 0, 0] : view(t));
  return {
    constants: { FLAT: Number(flat), WORKGROUP: workgroupSize },
    params: { x: lies(x), y: lies(y), size, width, height, channels },
    workgroups: grid1d(size, workgroupSize, device),
  };
}
