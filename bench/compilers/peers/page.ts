// In the page: runs an engine of the benchmark for three frames and hands over what the last one did.
import { type EngineName, fetchNumbers, type NetworkJob, type Open } from '../../engines/engine';
import { Recorder } from './recorder';
import type { AdapterInfo, Recording } from './recording';

/** Engines choose and compile in the first frame, and some once more in the second. */
const FRAMES_BEFORE = 2;

export async function record(
  engine: EngineName,
  { network, input }: { readonly network: NetworkJob; readonly input: string },
  chip: AdapterInfo,
): Promise<Recording> {
  const recorder = new Recorder(chip);
  const { open }: { open: Open } = await import(/* @vite-ignore */ `/engines/${engine}.js`);
  const { run } = await open(network);
  const numbers = await fetchNumbers(input);
  for (let frame = 0; frame < FRAMES_BEFORE; frame++) await run(numbers);
  recorder.beginFrame();
  await run(numbers);
  return { engine, network: network.name, ...recorder.endFrame() };
}
