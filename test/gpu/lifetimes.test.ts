import { afterEach, expect, test, vi } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { DeviceLostError, DisposedError, OutOfMemoryError } from '../../src/errors';
import { isLost } from '../../src/gpu/readback';
import { randomInput, smallNetwork } from '../support/networks';
import { watchBuffers } from '../support/watch-buffers';

/** What is disposed of, lost or refused while it is being made. */

const engines: Engine[] = [];
const opened: GPUDevice[] = [];
let gate: Promise<void> | undefined;

/** An engine whose devices are in `opened`, and which is given none before `gate`, if there is one. */
async function makeEngine(): Promise<Engine> {
  const gpu = await createNodeGpu();
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  vi.spyOn(gpu, 'requestAdapter').mockImplementation(async (options) => {
    await gate;
    const adapter = (await requestAdapter(options))!;
    const requestDevice = adapter.requestDevice.bind(adapter);
    adapter.requestDevice = async (descriptor) => {
      const device = await requestDevice(descriptor);
      opened.push(device);
      return device;
    };
    return adapter;
  });
  const engine = await Engine.create({ gpu });
  engines.push(engine);
  return engine;
}

async function lose(engine: Engine): Promise<void> {
  engine.device.destroy();
  await engine.device.lost;
}

/** From now on a lost device is only replaced when the returned function is called. */
function closeGate(): () => void {
  let open = (): void => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  return open;
}

afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
  for (const device of opened.splice(0)) device.destroy();
  gate = undefined;
  vi.restoreAllMocks();
});

test('an engine that is disposed of while it opens a new device gives that device back', async () => {
  const engine = await makeEngine();
  const model = await engine.load(smallNetwork());
  await lose(engine);
  const open = closeGate();
  const run = model.run(randomInput(model.graph));
  engine.dispose();
  open();
  await expect(run).rejects.toThrow(DisposedError);
  expect(opened).toHaveLength(2);
  expect(await isLost(opened[1], 2000)).toBe(true);
});

test('a model that is disposed of while a new device is opened takes none of its memory', async () => {
  const engine = await makeEngine();
  const model = await engine.load(smallNetwork());
  await lose(engine);
  const open = closeGate();
  const session = model.session();
  model.dispose();
  open();
  await expect(session).rejects.toThrow(DisposedError);
});

test('a model that is disposed of while its session is made says so, and its memory is given back', async () => {
  const engine = await makeEngine();
  const model = await engine.load(smallNetwork());
  const { pipelines } = await engine.connection();
  const compile = pipelines.get.bind(pipelines);
  let resolve = (): void => {};
  const disposed = new Promise<void>((done) => {
    resolve = done;
  });
  const get = vi.spyOn(pipelines, 'get').mockImplementation((...of) => disposed.then(() => compile(...of)));
  const held = watchBuffers(engine.device);
  const session = model.session(['conv1']);
  await vi.waitFor(() => expect(held()).toBeGreaterThan(0));
  model.dispose();
  resolve();
  get.mockRestore();
  await expect(session).rejects.toThrow(DisposedError);
  await vi.waitFor(() => expect(held()).toBeLessThanOrEqual(0));
});

test('a session that fails on a lost device leaves alone what has been made on the next', async () => {
  const engine = await makeEngine();
  const model = await engine.load(smallNetwork());
  const { pipelines } = await engine.connection();
  let fail = (_: Error): void => {};
  const get = vi.spyOn(pipelines, 'get').mockImplementation(
    () =>
      new Promise((_, reject) => {
        fail = reject;
      }),
  );
  const early = model.run(randomInput(model.graph), { outputs: ['conv1'] });
  await vi.waitFor(() => expect(get).toHaveBeenCalled());
  await lose(engine);
  const later = await model.session(['conv1']);
  fail(new Error('no device'));
  await expect(early).rejects.toThrow(DeviceLostError);
  expect(await model.session(['conv1'])).toBe(later);
});

test('a session that is only made when its device is lost is not worked with', async () => {
  const engine = await makeEngine();
  const model = await engine.load(smallNetwork());
  const { pipelines } = await engine.connection();
  const get = pipelines.get.bind(pipelines);
  let go = (): void => {};
  const gone = new Promise<void>((resolve) => {
    go = resolve;
  });
  const waiting = vi.spyOn(pipelines, 'get').mockImplementation(async (...asked) => {
    const made = await get(...asked);
    await gone;
    return made;
  });
  const early = model.session(['conv1']);
  await vi.waitFor(() => expect(waiting).toHaveBeenCalled());
  await lose(engine);
  const later = await model.session(['conv1']);
  go();
  await expect(early).rejects.toThrow(DeviceLostError);
  expect(await model.session(['conv1'])).toBe(later);
});

test('a device that is lost while a network is loaded is a DeviceLostError', async () => {
  const engine = await makeEngine();
  const { pipelines } = await engine.connection();
  vi.spyOn(pipelines, 'get').mockImplementation(async () => {
    engine.device.destroy();
    throw new Error('no device');
  });
  await expect(engine.load(smallNetwork())).rejects.toThrow(DeviceLostError);
  expect(engine.memory()).toEqual({ totalBytes: 0, models: [] });
});

test('work under way when its engine is disposed of is a DisposedError, not one to try again', async () => {
  const engine = await makeEngine();
  const model = await engine.load(smallNetwork());
  const run = model.run(randomInput(model.graph));
  await vi.waitFor(() => expect(engine.memory().models).toHaveLength(1));
  engine.dispose();
  await expect(run).rejects.toThrow(DisposedError);
});

test('a network that does not fit gives back what it had been given', async () => {
  const engine = await makeEngine();
  const { device } = engine;
  const held = watchBuffers(device);
  const filters: GPUErrorFilter[] = [];
  const [push, pop] = [device.pushErrorScope.bind(device), device.popErrorScope.bind(device)];
  vi.spyOn(device, 'pushErrorScope').mockImplementation((filter) => {
    filters.push(filter);
    return push(filter);
  });
  vi.spyOn(device, 'popErrorScope').mockImplementation(async () => {
    const full = filters.pop() === 'out-of-memory';
    return (await pop()) ?? (full ? new GPUOutOfMemoryError('full') : null);
  });
  await expect(engine.load(smallNetwork())).rejects.toThrow(OutOfMemoryError);
  expect(held()).toBe(0);
  expect(engine.memory().totalBytes).toBe(0);
});
