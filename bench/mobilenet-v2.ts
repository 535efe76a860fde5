import type { Graph } from '../src/graph/graph';
import { NetworkBuilder } from '../src/models/layers';
import type { Tensor } from '../src/tensor';
import { Random } from '../test/support/random';

/** Expansion, output channels, blocks and first stride of each stage: Sandler et al. 2018, table 2. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;
const LAST_CHANNELS = 1280;
const CLASSES = 1000;

/** MobileNetV2 at width 1 for pictures of 224×224, with random weights: the network that others publish times of. */
export function mobilenetV2(): Graph {
  const weights = new Map<string, Tensor>();
  const random = new Random(1);
  const net = new NetworkBuilder('mobilenet-v2', weights, 'mobilenet-v2');
  const weigh = (name: string, shape: readonly [number, ...number[]]): void => {
    const most = Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1));
    weights.set(`${name}.weight`, random.tensor(shape, -most, most));
    weights.set(`${name}.bias`, random.tensor([shape[0]], -0.1, 0.1));
  };
  const conv = (x: string, name: string, channels: number, kernel: number, stride = 1, depthwise = false): string => {
    const inputs = net.shape(x)[1];
    weigh(name, [channels, depthwise ? 1 : inputs, kernel, kernel]);
    return net.conv(x, name, stride, depthwise ? inputs : 1);
  };
  const relu6 = (x: string): string => net.add('unary', [x], { fn: 'clip', alpha: 0, beta: 6 }, `${x}.relu6`)[0];

  let map = relu6(conv(net.input('image', [1, 3, 224, 224]), 'stem', 32, 3, 2));
  for (const [s, [expansion, channels, blocks, firstStride]] of STAGES.entries()) {
    for (let b = 0; b < blocks; b++) {
      const name = `stage${s + 1}.${b}`;
      const stride = b === 0 ? firstStride : 1;
      const inputs = net.shape(map)[1];
      const wide = expansion === 1 ? map : relu6(conv(map, `${name}.expand`, expansion * inputs, 1));
      const filtered = relu6(conv(wide, `${name}.depthwise`, expansion * inputs, 3, stride, true));
      const narrow = conv(filtered, `${name}.project`, channels, 1);
      map = stride === 1 && inputs === channels ? net.binary('add', map, narrow, `${name}.sum`) : narrow;
    }
  }
  const features = net.meanPool(relu6(conv(map, 'last', LAST_CHANNELS, 1)), 'pool');
  weigh('classes', [CLASSES, LAST_CHANNELS]);
  return net.build([net.softmax(net.dense(features, 'classes'), 1, 'probabilities')]);
}
