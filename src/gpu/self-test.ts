import type { PictureSpec } from '../picture';
import { Tensor } from '../tensor';
import type { Connection } from './connection';
import { loadKernels } from './kernels';
import { PictureInput } from './picture-input';
import { makePlan, type Precision } from './plan';
import { hashOf, type SelfTestCase, selfTestCases } from './self-test-cases';
import { Session } from './session';

/** A kernel whose answer is not the stored one. */
export interface SelfTestFailure {
  readonly test: string;
  readonly kernel: string;
  readonly precision: Precision;
  readonly reason: string;
}

/** What a self-test found, and what the engine does about it. */
export interface SelfTestReport {
  /** The adapter's name. */
  readonly adapter: string;
  readonly passed: boolean;
  /** How many kernels were tried, each precision counted. */
  readonly tried: number;
  readonly failures: readonly SelfTestFailure[];
  /** Kernels that the engine no longer chooses; `float16` when it stores float32 in its place. */
  readonly avoided: ReadonlySet<string>;
  /** All of it in a sentence. */
  readonly summary: string;
  readonly timeMs: number;
}

/**
 * Runs every kernel family on small networks whose answers are known, each for three frames that are under way at once:
 * one picture, another, and the first again.
 *
 * @param isWanted leaves tests out
 */
export async function selfTest(
  connection: Connection,
  isWanted = (_: string): boolean => true,
): Promise<SelfTestReport> {
  const start = performance.now();
  const { report } = connection;
  const precisions: readonly Precision[] = report.shaderF16 ? ['f32', 'f16'] : ['f32'];
  const failures: SelfTestFailure[] = [];
  let tried = 0;
  for (const testCase of selfTestCases().filter(({ name }) => isWanted(name))) {
    for (const precision of precisions) {
      const results = await tryKernels(testCase, precision, connection);
      tried += results.size;
      for (const [kernel, reason] of results) {
        if (reason !== undefined) failures.push({ test: testCase.name, kernel, precision, reason });
      }
    }
  }
  if (isWanted('pictures')) {
    const reason = await pictureFailure(connection).catch(reasonOf);
    tried++;
    if (reason !== undefined) failures.push({ test: 'pictures', kernel: 'picture', precision: 'f32', reason });
  }
  const avoided = avoidedFor(failures);
  const summary = summaryOf(report.name, tried, failures, avoided);
  const timeMs = performance.now() - start;
  return { adapter: report.name, passed: failures.length === 0, tried, failures, avoided, summary, timeMs };
}

/** A kernel that is wrong in float32 is not chosen; one that is wrong in float16 alone speaks against float16. */
export function avoidedFor(failures: readonly SelfTestFailure[]): Set<string> {
  const wrong = new Set(failures.filter(({ precision }) => precision === 'f32').map(({ kernel }) => kernel));
  const inHalf = failures.some(({ kernel, precision }) => precision === 'f16' && !wrong.has(kernel));
  return new Set([...wrong, ...(inHalf ? ['float16'] : [])]);
}

function summaryOf(
  adapter: string,
  tried: number,
  failures: readonly SelfTestFailure[],
  avoided: ReadonlySet<string>,
): string {
  if (failures.length === 0) return `${adapter} answers all ${tried} tests rightly`;
  const [{ test, reason }] = failures;
  const what = [...avoided].join(', ');
  return `${adapter} answers ${failures.length} of ${tried} tests wrongly (${test}: ${reason}): the engine avoids ${what}`;
}

/** The first candidate of every kernel, and what is wrong with its answers. */
async function tryKernels(
  { graph, node, frames, answers }: SelfTestCase,
  precision: Precision,
  { device, pipelines, traits }: Connection,
): Promise<Map<string, string | undefined>> {
  const kernels = await loadKernels(graph, traits.profile);
  const options = { precision, device: traits };
  const draft = makePlan(graph, kernels, options).steps.find((step) => step.node.name === node)!;
  const results = new Map<string, string | undefined>();
  for (const [index, { kernel }] of draft.candidates.entries()) {
    if (results.has(kernel)) continue;
    const choose = (candidates: typeof draft.candidates, context: { node: { name: string } }) =>
      candidates[context.node.name === node ? index : 0];
    const answer = async (): Promise<string | undefined> => {
      const session = await Session.create(device, pipelines, makePlan(graph, kernels, { ...options, choose }));
      try {
        const order = [0, 1, 0] as const;
        const hashes = await Promise.all(
          order.map(async (frame) => hashOf([...(await session.run(frames[frame])).values()])),
        );
        const wrong = order.findIndex((frame, i) => hashes[i] !== answers[frame]);
        return wrong < 0 ? undefined : `another answer than the stored one in frame ${wrong + 1}`;
      } finally {
        session.dispose();
      }
    };
    results.set(kernel, await answer().catch(reasonOf));
  }
  return results;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0];

/** Two pictures of four pixels, red and blue apart, as the network is to see them. */
async function pictureFailure({ device, pipelines, traits }: Connection): Promise<string | undefined> {
  const { GraphBuilder } = await import('../graph/builder');
  const b = new GraphBuilder('self-test, pictures');
  const [y] = b.add('unary', [b.input('x', [1, 3, 2, 2])], { fn: 'neg', alpha: 0, beta: 0 });
  const graph = b.build([y]);
  const plan = makePlan(graph, await loadKernels(graph, traits.profile), { precision: 'f32', device: traits });
  const spec: PictureSpec = { size: [2, 2], fit: 'squash', mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] };
  const session = await Session.create(device, pipelines, plan);
  const input = await PictureInput.create(session, 'x', spec);
  try {
    for (const blue of [7, 90]) {
      const data = new Uint8ClampedArray(16).map((_, i) => [200 + (i >> 2), 30, blue, 255][i % 4]);
      const encoder = device.createCommandEncoder();
      input.encode(encoder, { data, width: 2, height: 2 });
      session.encode(encoder);
      const read = session.encodeReadback(encoder);
      device.queue.submit([encoder.finish()]);
      const seen = (await read()).get(y)!;
      const expected = [200, 201, 202, 203, 30, 30, 30, 30, blue, blue, blue, blue].map((value) => -value);
      if (hashOf([seen]) === hashOf([Tensor.float32([12], expected)])) continue;
      return `channels ${[0, 4, 8].map((i) => Math.round(-seen.data[i])).join(', ')} of a pixel of 200, 30, ${blue}`;
    }
    return undefined;
  } finally {
    input.dispose();
    session.dispose();
  }
}
