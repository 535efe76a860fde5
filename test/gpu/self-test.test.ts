import { afterEach, describe, expect, test } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { UnsupportedOperatorError } from '../../src/errors';
import { type Connection, connect } from '../../src/gpu/connection';
import { avoidedFor, type SelfTestReport, selfTest } from '../../src/gpu/self-test';
import { hashOf, selfTestCases } from '../../src/gpu/self-test-cases';
import { GraphBuilder } from '../../src/graph/builder';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import { runReference } from '../../src/reference';

const gpu = await createNodeGpu();
const connections: Connection[] = [];
afterEach(() => {
  for (const { device } of connections.splice(0)) device.destroy();
});

async function honest(): Promise<Connection> {
  const connection = await connect({ gpu });
  connections.push(connection);
  return connection;
}

/** A device whose compiler reads shaders otherwise than they are written. */
async function misreading(lie: (code: string) => string): Promise<Connection> {
  const connection = await honest();
  const { device } = connection;
  const make = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) => make({ ...descriptor, code: lie(descriptor.code) });
  return connection;
}

const only =
  (...names: string[]) =>
  (name: string): boolean =>
    names.includes(name);

const kernelsOf = ({ failures }: SelfTestReport): string[] => failures.map(({ kernel }) => kernel);

test('the stored answers are the reference’s', () => {
  const answers = selfTestCases().map(({ name, graph, frames }) => [
    name,
    frames.map((inputs) => hashOf([...runReference(graph, inputs).values()])),
  ]);
  expect(answers).toEqual(selfTestCases().map(({ name, answers }) => [name, answers]));
});

test('no stored answer hangs on how a fraction is rounded', () => {
  for (const { name, graph, frames } of selfTestCases()) {
    const answers = frames.flatMap((inputs) =>
      [...runReference(graph, inputs).values()].flatMap(({ data }) => [...data]),
    );
    expect(Math.max(...answers.map((value) => Math.abs(value - Math.round(value)))), name).toBeLessThan(0.4);
  }
});

test('frames of a case have different answers', () => {
  for (const { answers } of selfTestCases()) expect(answers[0]).not.toBe(answers[1]);
});

test('a sound device passes, and the report says so', async () => {
  const engine = await Engine.create({ gpu, selfTest: true });
  const { selfTestReport: report } = engine;
  expect(report?.failures).toEqual([]);
  expect(report).toMatchObject({ passed: true, adapter: engine.name, avoided: new Set() });
  expect(report?.tried).toBeGreaterThan(selfTestCases().length);
  expect(report?.summary).toBe(`${engine.name} answers all ${report?.tried} tests rightly`);
  engine.dispose();
});

describe('a driver is caught that', () => {
  test('leaves out barriers', async () => {
    const connection = await misreading((code) => code.replaceAll('workgroupBarrier();', ''));
    const report = await selfTest(connection, only('order of rows', 'sums'));
    expect(report.passed).toBe(false);
    expect(report.summary).toMatch(
      / answers \d+ of \d+ tests wrongly \(.*: another answer than the stored one in frame 1\): the engine avoids /,
    );
  });

  test('sums in float16, which overflows', async () => {
    const connection = await misreading((code) =>
      code.replace(
        /(fn multiply_add\([^)]*\) -> vec4f \{\s*)return ([^;]*);/,
        '$1let sum16 = $2; return clamp(sum16, vec4f(-65504.0), vec4f(65504.0));',
      ),
    );
    const report = await selfTest(connection, only('convolution 1×1', 'large sums'));
    expect(report.failures.map((failure) => failure.test)).toContain('large sums');
    expect(report.failures.map((failure) => failure.test)).not.toContain('convolution 1×1');
  });

  test('answers the second frame with the first', async () => {
    const connection = await honest();
    const { queue } = connection.device;
    const write = queue.writeBuffer.bind(queue);
    const written = new Map<GPUBuffer, number>();
    queue.writeBuffer = (buffer, ...rest) => {
      const times = (written.get(buffer) ?? 0) + 1;
      written.set(buffer, times);
      if (times !== 2 || !buffer.label.includes('activations')) write(buffer, ...rest);
    };
    const report = await selfTest(connection, only('functions'));
    expect(report.failures).toMatchObject([
      { test: 'functions', kernel: 'unary', precision: 'f32', reason: 'another answer than the stored one in frame 2' },
    ]);
  });

  test('swaps red and blue', async () => {
    const connection = await honest();
    const { queue } = connection.device;
    const write = queue.writeTexture.bind(queue);
    queue.writeTexture = (to, data, layout, size) => {
      const bytes = data as Uint8Array<ArrayBuffer>;
      write(
        to,
        bytes.map((_, i) => bytes[i - (i % 4) + [2, 1, 0, 3][i % 4]]),
        layout,
        size,
      );
    };
    const report = await selfTest(connection, only('pictures'));
    expect(report.failures).toMatchObject([
      { test: 'pictures', reason: 'channels 7, 30, 200 of a pixel of 200, 30, 7' },
    ]);
  });

  test('loses a lane', async () => {
    const connection = await misreading((code) =>
      code.includes('workgroupBarrier')
        ? code
        : code.replace(/(fn main\([^{]*gid: vec3u[^{]*\{)/, '$1 if (gid.x == 5u) { return; }'),
    );
    const report = await selfTest(connection, only('arithmetic', 'maxima of windows', 'axes in another order'));
    expect(new Set(kernelsOf(report)).size).toBeGreaterThanOrEqual(2);
  });

  const withoutBarriers = (code: string): string => code.replaceAll('workgroupBarrier();', '');
  const withoutLane = (code: string): string =>
    code.replace(/(fn main\([^{]*gid: vec3u[^{]*\{)/, '$1 if (gid.x == 5u) { return; }');
  test.each<[fault: string, name: string, kernel: RegExp, lie: (code: string) => string]>([
    ['leaves out barriers of', 'attention', /^attention$/, withoutBarriers],
    ['loses a lane of', 'attention', /^attention-naive$/, withoutLane],
    ['leaves out barriers of', 'suppression', /^non-maximum-suppression$/, withoutBarriers],
    [
      'takes maxima for minima in',
      'suppression',
      /^non-maximum-suppression$/,
      (code) => code.replaceAll('min(', 'max('),
    ],
    ['loses a lane of', 'rows by number', /^gather$/, withoutLane],
    ['takes negative numbers for large ones in', 'rows by number', /^gather$/, (code) => code.replace('< 0', '< -99')],
    ['loses a lane of', 'sums by number', /^scatter$/, withoutLane],
    [
      'keeps the last sum alone in',
      'sums by number',
      /^scatter$/,
      (code) => code.replace('return a + b;', 'return b;'),
    ],
  ])('%s %s', async (_, name, kernel, lie) => {
    const report = await selfTest(await misreading(lie), only(name));
    expect(kernelsOf(report)).toContainEqual(expect.stringMatching(kernel));
  });

  test('does not compile a kernel', async () => {
    const connection = await misreading((code) => code.replace(/fn main/, 'fn other'));
    const report = await selfTest(connection, only('functions'));
    expect(report.failures[0].reason).toContain('unary');
  });
});

test('what is wrong in float32 is a kernel’s fault, and what is wrong in float16 alone is float16’s', () => {
  const failure = (kernel: string, precision: 'f32' | 'f16') => ({ test: '', kernel, precision, reason: '' });
  expect(avoidedFor([])).toEqual(new Set());
  expect(avoidedFor([failure('a', 'f32'), failure('a', 'f16')])).toEqual(new Set(['a']));
  expect(avoidedFor([failure('a', 'f32'), failure('b', 'f16')])).toEqual(new Set(['a', 'float16']));
});

test('an engine does not choose what it found to be wrong', async () => {
  const engine = await Engine.create({ gpu });
  const { device } = engine;
  const make = device.createShaderModule.bind(device);
  device.createShaderModule = ({ label = '', code }) =>
    make({
      label,
      code:
        label === 'conv2d-pointwise'
          ? code.replace('return sum +', 'return sum -')
          : code.replaceAll('abs(v)', '-abs(v)'),
    });
  const report = await engine.selfTest(only('convolution 1×1', 'functions'));
  expect(report.avoided).toEqual(new Set(['conv2d-pointwise', 'unary']));
  expect(engine.selfTestReport).toBe(report);

  const [{ graph, node, frames }] = selfTestCases();
  const model = await engine.load(graph);
  const { kernel } = model.plan.steps.find((step) => step.node.name === node)!.chosen;
  expect(kernel).toMatch(/^conv2d-(?!pointwise$)/);
  const result = await model.run(frames[0]);
  expect(hashOf(Object.values(result))).toBe(hashOf([...runReference(graph, frames[0]).values()]));

  const b = new GraphBuilder('negated');
  const negated = b.build(b.add('unary', [b.input('x', [2])], { ...NO_ACTIVATION, fn: 'neg' }));
  const refused = engine.load(negated);
  await expect(refused).rejects.toThrow(UnsupportedOperatorError);
  await expect(refused).rejects.toThrow('no kernel that passed the self-test fits this node on this device');
  engine.dispose();
});
