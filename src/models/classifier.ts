import type { Graph } from '../graph/graph';
import type { Pair } from '../operators/window';
import type { Tensor } from '../tensor';
import { NetworkBuilder } from './layers';
import { convNorm, mobileNet } from './mobilenet';

/**
 * What is it? MobileNetV2, a wide 1×1 convolution, the mean over the picture, one dense layer.
 *
 * ```
 * image          [1,    3, S, S]
 * c5             [1,  320, S/32, S/32]
 * top            [1,  640, S/32, S/32]
 * pool           [1, 640]
 * head           [1, classes + 1]   the last is none of them
 * probabilities  [1, classes]       so these add up to less than 1 where the picture shows none of them
 * ```
 */
export function classifierGraph(weights: ReadonlyMap<string, Tensor>, size: Pair, file = 'classifier'): Graph {
  const net = new NetworkBuilder('classifier', weights, file);
  const [, , , , c5] = mobileNet(net, net.input('image', [1, 3, ...size]));
  const top = convNorm(net, c5, 'top', { activation: 'relu6' });
  const logits = net.dense(net.meanPool(top, 'pool'), 'head');
  const scores = net.softmax(logits, 1, 'scores');
  const known = [1, net.shape(scores)[1] - 1];
  return net.build(net.add('slice', [scores], { starts: [0, 0], steps: [1, 1], sizes: known }, 'probabilities'));
}
