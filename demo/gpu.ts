import { DeviceLostError, Engine, type Runner, WebGPUUnavailableError } from '../src';
import { byId } from './dom';
import { describeAdapter } from './loading';
import { say, withoutGpu } from './notices';

/**
 * Looks for a GPU; where there is none, says which step failed.
 *
 * @param onReplaced told when a lost device has been replaced, before the page says so; answers whether it goes on
 */
export async function findGpu(onReplaced: () => Promise<boolean>): Promise<Engine | undefined> {
  try {
    const engine = await Engine.create();
    watchDevice(engine, onReplaced);
    byId('lose').addEventListener('click', () => engine.device.destroy());
    byId('adapter').textContent = nameOf(engine);
    return engine;
  } catch (error) {
    if (!(error instanceof WebGPUUnavailableError)) throw error;
    say('gpu', withoutGpu(error));
    byId('adapter').textContent = 'No WebGPU';
    for (const id of ['lose', 'profile']) byId<HTMLButtonElement>(id).disabled = true;
    return undefined;
  }
}

/** Says that the device was lost, and opens a new one. */
function watchDevice(engine: Engine, onReplaced: () => Promise<boolean>): void {
  void engine.device.lost.then(async () => {
    say('gpu', 'The GPU device was lost. Opening a new one …');
    try {
      await engine.connection();
    } catch {
      say('gpu', 'The GPU device was lost, and no new one could be opened. Reload the page.');
      return;
    }
    watchDevice(engine, onReplaced);
    if (await onReplaced()) say('gpu', 'The GPU device was lost and has been replaced. Everything works as before.');
  });
}

/** Whether work that a lost device left undone may be done on the next one. */
export const mayTryAgain = (error: unknown): boolean =>
  error instanceof DeviceLostError && !(error.cause instanceof WebGPUUnavailableError);

export const nameOf = (runner: Runner): string =>
  runner instanceof Engine ? describeAdapter(runner.adapter) : runner.name;
