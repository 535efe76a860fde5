import type { Graph } from '../graph/graph';
import type { Pair } from '../operators/window';
import type { Tensor } from '../tensor';
import { backbone } from './backbone';
import { NetworkBuilder } from './layers';

/**
 * What is it? The backbone, the mean over the picture, one dense layer.
 *
 * ```
 * image          [1,   3, S, S]
 * c5             [1, 224, S/32, S/32]
 * pool           [1, 224]
 * head           [1, classes]
 * probabilities  [1, classes]
 * ```
 */
export function classifierGraph(weights: ReadonlyMap<string, Tensor>, size: Pair, file = 'classifier'): Graph {
  const net = new NetworkBuilder('classifier', weights, file);
  const features = backbone(net, net.input('image', [1, 3, ...size]));
  const logits = net.dense(net.meanPool(features[4], 'pool'), 'head');
  return net.build([net.softmax(logits, 1, 'probabilities')]);
}
