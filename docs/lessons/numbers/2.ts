import { PORTABLE_DEVICE } from '../../../src/gpu/adapter-profile';
import { planGraph } from '../../../src/gpu/plan-graph';
import { type Blocks, tableOf } from './blocks';

import { network } from './networks';

const LAYERS = ['stem.conv', 'stage6.0.project.conv', 'stage6.1.expand.conv', 'head', 'scores'];

const count = (value: number): string => value.toLocaleString('en');

/** Grids of some layers of the classifier, on a device with the limits that WebGPU guarantees. */
export async function blocks(): Promise<Blocks> {
  const { steps, graph } = await planGraph(network('classifier').graph, { precision: 'f32', device: PORTABLE_DEVICE });
  const rows = LAYERS.map((layer) => {
    const { node, chosen } = steps.find(({ node }) => node.name === layer)!;
    const [{ shader, constants, workgroups }] = chosen.dispatches;
    const size = shader.workgroup.map((side) => constants[side] ?? shader.consts[side] ?? Number(side));
    const invocations = [...size, ...workgroups].reduce((product, side) => product * side, 1);
    const { shape } = graph.values.get(node.outputs[0])!;
    return [
      layer,
      chosen.kernel,
      `[${shape.join(', ')}]`,
      size.join('×'),
      workgroups.join('×'),
      count(invocations),
      count(shape.reduce((product, side) => product * side, 1)),
    ];
  });
  return {
    'numbers: grids': tableOf(
      ['Layer', 'Kernel', 'Output', 'Workgroup', 'Workgroups', 'Invocations', 'Output numbers'],
      rows,
    ),
  };
}
