import type { Graph } from '../../graph/graph';
import { type DownloadOptions, download, downloadAs } from '../download';
import { importOnnx, type OnnxOptions } from './import';
import { readModel } from './schema';
import { type Files, isBesideModel } from './tensors';

/**
 * Downloads an ONNX file and reads it. Where its data lies in other files, they are downloaded from beside its address,
 * unless they are among `files`.
 *
 * @param options `sha256` is that of the ONNX file itself
 * @throws DownloadError, and what {@link importOnnx} throws
 */
export function downloadOnnx(url: string | URL, options: DownloadOptions & OnnxOptions = {}): Promise<Graph> {
  const read = async (bytes: Uint8Array): Promise<Graph> =>
    importOnnx(bytes, { ...options, files: await downloadDataFiles(url, bytes, options) });
  return downloadAs(url, read, options);
}

/** Downloads the files that hold a model's data, unless they are given. @throws DownloadError */
export async function downloadDataFiles(
  url: string | URL,
  bytes: Uint8Array,
  { sha256: _, files: given, ...options }: DownloadOptions & Pick<OnnxOptions, 'files'>,
): Promise<Files> {
  const files: Record<string, Uint8Array | ArrayBuffer> = { ...given };
  for (const location of dataFiles(bytes)) {
    if (!Object.hasOwn(files, location)) files[location] = await download(besideAddress(url, location), options);
  }
  return files;
}

/** The files that hold a model's data, by their locations; the import refuses those that lie outside its folder. */
function dataFiles(bytes: Uint8Array): Set<string> {
  const { graph } = readModel(bytes);
  const locations = graph.initializers.flatMap(({ external }) => external?.get('location') ?? []);
  return new Set(locations.filter(isBesideModel));
}

/** A file beside an address, which keeps its query, in which servers look for a signature; in Node beside a path, too. */
export function besideAddress(url: string | URL, location: string): string | URL {
  const text = String(url);
  // A page's addresses are complete, or relative to the page.
  if (!globalThis.location && !/^[a-z][a-z+.-]+:/i.test(text)) return text.replace(/[^/\\]*$/, '') + location;
  const model = new URL(url, globalThis.location?.href);
  const path = location.split('/').map(encodeURIComponent).join('/');
  const file = new URL(path, model);
  file.search = model.search;
  return file;
}
