import { afterAll, describe, expect, test } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { CpuRunner } from '../../src/cpu/cpu-runner';
import { Engine } from '../../src/engine';
import { OutOfMemoryError } from '../../src/errors';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import { ReferenceRunner } from '../../src/reference/runner';
import type { Runner } from '../../src/runner';
import { Tensor } from '../../src/tensor';

/** A hundred bytes of a file: one number, repeated. */
function repeated(size: number): Graph {
  const b = new GraphBuilder('small file');
  return b.build(b.add('expand', [b.input('one', [1])], { shape: [size] }, 'many'));
}

/** Ten steps over 1 MB, of which two live at a time. */
function chain(): Graph {
  const b = new GraphBuilder('chain');
  let x = b.input('x', [250_000]);
  for (let i = 0; i < 10; i++) [x] = b.add('unary', [x], { ...NO_ACTIVATION, fn: 'exp' }, `step${i}`);
  return b.build([x]);
}

const gpu = await createNodeGpu();
const runners: Record<string, (maxActivationBytes?: number) => Runner | Promise<Runner>> = {
  GPU: (maxActivationBytes) => Engine.create({ gpu, maxActivationBytes }),
  'fast CPU': (maxActivationBytes) => new CpuRunner({ threads: 1, maxActivationBytes }),
  reference: (maxActivationBytes) => new ReferenceRunner({ maxActivationBytes }),
};

describe.each(Object.keys(runners))('the %s runner', (name) => {
  const opened: Runner[] = [];
  const open = async (maxActivationBytes?: number): Promise<Runner> => {
    opened.push(await runners[name](maxActivationBytes));
    return opened.at(-1)!;
  };
  afterAll(() => {
    for (const runner of opened) runner.dispose();
  });

  test('refuses a network that asks for gigabytes, with the names and sizes of its largest values', async () => {
    const loading = (await open()).load(repeated(400_000_000));
    await expect(loading).rejects.toThrow(OutOfMemoryError);
    await expect(loading).rejects.toThrow(
      /the values of graph "small file" take 160\d MB at once, the largest "many" 1600 MB.*maxActivationBytes allows \d+ MB/,
    );
  });

  test('has the budget that it is given', async () => {
    await expect((await open(9000)).load(repeated(3000))).rejects.toThrow(OutOfMemoryError);
    const model = await (await open(13_000)).load(repeated(3000));
    const { many } = await model.run({ one: Tensor.float32([1], [7]) });
    expect(many.data).toEqual(new Float32Array(3000).fill(7));
  });

  test('counts only what lives at the same time', async () => {
    await expect((await open(1_900_000)).load(chain())).rejects.toThrow(OutOfMemoryError);
    const model = await (await open(2_100_000)).load(chain(), { optimise: false });
    model.dispose();
  });
});
