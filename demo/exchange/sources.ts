import {
  ArgumentError,
  type DownloadOptions,
  download,
  type NetworkOptions,
  readSafetensors,
  type VisionModel,
} from '../../src';
import { optionsOf, PUBLIC_NETWORKS } from '../own-network/public-networks';
import type { NetworkBytes } from './network-bytes';
import { VIEWS, type View } from './views';

/** Hosts from which the page's content security policy lets networks in, beside its own. */
const HOSTS = ['raw.githubusercontent.com'];

/** The address of a network. @throws ArgumentError saying what to do */
export function networkAddress(text: string): string {
  if (text.trim() === '') throw new ArgumentError('Enter the web address of an .onnx file.');
  const url = URL.parse(text.trim(), location.href);
  if (!url) throw new ArgumentError(`“${text}” is no web address.`);
  if (url.host !== location.host && !HOSTS.includes(url.host)) {
    throw new ArgumentError(
      `For safety this page loads networks from ${HOSTS.join(', ')} only. Save the file and choose it here.`,
    );
  }
  return url.href;
}

/** Fetches a network by what the page's address calls it. @throws DownloadError, ArgumentError */
export async function fetchSource(wanted: string, options: DownloadOptions): Promise<NetworkBytes> {
  const known = PUBLIC_NETWORKS.find(({ name }) => name === wanted);
  if (known) {
    const bytes = await download(known.url, { ...options, sha256: known.sha256 });
    return { name: known.name, bytes, options: optionsOf(known) };
  }
  const address = networkAddress(wanted);
  const name = decodeURIComponent(new URL(address).pathname.split('/').at(-1)!);
  const bytes = await download(address, options);
  return { name, bytes, options: isSafetensors(bytes) ? {} : await filesBeside(address, bytes, options) };
}

/** Weights and settings that lie beside a network. */
async function filesBeside(address: string, bytes: Uint8Array, options: DownloadOptions): Promise<NetworkOptions> {
  const [{ downloadDataFiles }, { findConfigs }] = await Promise.all([
    import('../../src/formats/onnx/fetch'),
    import('../../src/heads/configs'),
  ]);
  const files = await downloadDataFiles(address, bytes, options);
  return { ...(await findConfigs(address, options)), ...(files && { files }) };
}

/** A file that was chosen or dropped, and others in which it may keep its weights. */
export async function readFiles(file: File, beside: readonly File[]): Promise<NetworkBytes> {
  const contents = async (other: File) => [other.name, new Uint8Array(await other.arrayBuffer())] as const;
  const files = Object.fromEntries(await Promise.all(beside.map(contents)));
  return {
    name: file.name,
    bytes: new Uint8Array(await file.arrayBuffer()),
    options: beside.length > 0 ? { files } : {},
  };
}

/** A file of the page's own kind has the opening brace of its head behind eight bytes of length. */
const isSafetensors = (bytes: Uint8Array): boolean => bytes[8] === 0x7b;

/** The network for a task. @throws ArgumentError when it is for another one; ModelFormatError, UnsupportedOperatorError */
export async function networkFor(source: NetworkBytes, { task, read }: View<unknown>): Promise<VisionModel> {
  const { name, bytes, options } = source;
  if (read && !isSafetensors(bytes)) return read(source);
  if (!isSafetensors(bytes)) return (await import('../../src/heads')).readNetwork(bytes, task.task.name, options);
  const model = (await import('../../src/models')).buildVisionModel(readSafetensors(bytes, name), name);
  if (model.task === task.task.name) return model;
  throw new ArgumentError(`${name} is made to ${model.task}, not to ${task.task.name}`);
}

/** What Ultralytics calls tasks in its files. */
const WRITTEN_TASKS: Readonly<Record<string, string>> = {
  classify: 'classify',
  detect: 'detect',
  obb: 'orient',
  pose: 'pose',
  segment: 'instances',
};

/** The task that a file itself says it is for. */
async function writtenTask({ bytes }: NetworkBytes): Promise<string | undefined> {
  if (isSafetensors(bytes)) return undefined;
  const { readModel } = await import('../../src/formats/onnx');
  return WRITTEN_TASKS[readModel(bytes).metadata.get('task') ?? ''];
}

/**
 * Every task that a network fits: what its file says first, then the one of its place.
 *
 * @throws ArgumentError when it fits none; ModelFormatError, UnsupportedOperatorError
 */
export async function recognise(source: NetworkBytes, place: string): Promise<readonly View<unknown>[]> {
  const order = [await writtenTask(source), place];
  const rank = ({ task }: View<unknown>): number => {
    const at = order.indexOf(task.task.name);
    return at < 0 ? order.length : at;
  };
  const fitting = [];
  const refusals = [];
  for (const view of VIEWS.toSorted((a, b) => rank(a) - rank(b))) {
    // Reading a large file takes long: the page answers its user between two tries.
    await new Promise((resolve) => setTimeout(resolve));
    try {
      await networkFor(source, view);
      fitting.push(view);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      refusals.push(error);
    }
  }
  if (fitting.length > 0) return fitting;
  throw new ArgumentError(`No task of the library fits. ${refusals[0].message}`, { cause: refusals[0] });
}
