import type { Graph } from '../../graph/graph';
import { type DownloadOptions, download, downloadAs } from '../download';
import { importOnnx, type OnnxOptions } from './import';
import { readModel } from './schema';
import { isBesideModel } from './tensors';

/**
 * Downloads an ONNX file and reads it. Where its data lies in other files, they are downloaded from beside its address,
 * unless they are among `files`.
 *
 * @param options `sha256` is that of the ONNX file itself
 * @throws DownloadError, and what {@link importOnnx} throws
 */
export function downloadOnnx(url: string | URL, options: DownloadOptions & OnnxOptions = {}): Promise<Graph> {
  const { sha256: _, ...others } = options;
  const read = async (bytes: Uint8Array): Promise<Graph> => {
    const files: Record<string, Uint8Array | ArrayBuffer> = { ...options.files };
    for (const location of dataFiles(bytes)) {
      if (!Object.hasOwn(files, location)) files[location] = await download(beside(url, location), others);
    }
    return importOnnx(bytes, { ...options, files });
  };
  return downloadAs(url, read, options);
}

/** The files that hold a model's data, by their locations; the import refuses those that lie outside its folder. */
function dataFiles(bytes: Uint8Array): Set<string> {
  const { graph } = readModel(bytes);
  const locations = graph.initializers.flatMap(({ external }) => external?.get('location') ?? []);
  return new Set(locations.filter(isBesideModel));
}

/** The address keeps its query, in which servers look for a signature. */
function beside(url: string | URL, location: string): URL {
  const model = new URL(url, globalThis.location?.href);
  const path = location.split('/').map(encodeURIComponent).join('/');
  const file = new URL(path, model);
  file.search = model.search;
  return file;
}
