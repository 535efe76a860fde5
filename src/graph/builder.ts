import { BasicGraphBuilder } from './basic-builder';
import { shapeRules } from './shape-rules';

/**
 * Builds a Graph node by node, checking every shape as it goes.
 *
 * ```ts
 * const b = new GraphBuilder('tiny');
 * const x = b.input('image', [1, 3, 32, 32]);
 * const [y] = b.add('unary', [x], { fn: 'relu', alpha: 0, beta: 0 });
 * const graph = b.build([y]);
 * ```
 */
export class GraphBuilder extends BasicGraphBuilder {
  constructor(name: string) {
    super(name, shapeRules);
  }
}
