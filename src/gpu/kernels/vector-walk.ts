import type { DeviceTraits } from '../adapter-profile';
import { linearGrid } from '../grid';
import { ceilDiv, channelBlocks, isContiguous, layoutSize, type TensorDesc, view } from '../layout';

/**
 * A walk over every vec4 of two tensors of one shape and layout, one invocation each: what shaders with an override
 * FLAT and parameters x, y (Views), size, width, height and channels run over. Contiguous tensors are walked flat;
 * others are nhwc4, and each vec4 is looked up by image, row and column.
 *
 * @param zeroStaysZero the function leaves padding lanes alone, so that the channel need not be known
 */
export function vectorWalk(x: TensorDesc, y: TensorDesc, device: DeviceTraits, zeroStaysZero: boolean) {
  const whole = zeroStaysZero || x.layout === 'linear' || x.shape[1] % 4 === 0;
  const flat = whole && isContiguous(x) && isContiguous(y);
  const [batch, channels, height, width] = flat ? [1, 1, 1, 1] : y.shape;
  const size = flat ? ceilDiv(layoutSize(y.shape, y.layout), 4) : batch * height * width * channelBlocks(channels);
  const lies = (t: TensorDesc): number[] => (flat ? [t.offset / 4, 0, 0, 0] : view(t));
  return {
    grid: linearGrid(size, device),
    constants: { FLAT: flat },
    params: { x: lies(x), y: lies(y), size, width, height, channels },
  };
}
