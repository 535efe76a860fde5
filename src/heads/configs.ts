import { type DownloadOptions, download } from '../formats/download';
import { besideAddress } from '../formats/onnx/fetch';
import type { Json } from './hugging-face';

/** Hugging Face's files about a network. */
export interface Configs {
  readonly config?: Json;
  readonly preprocessorConfig?: Json;
}

/** Files of more than this are not settings. */
const MOST_BYTES = 2 ** 20;

/**
 * Looks for `config.json` and `preprocessor_config.json` beside a network, and beside its folder where that is called
 * `onnx`, as repositories of Hugging Face have it. What is not there, or no JSON, is left out.
 *
 * @throws the signal's reason
 */
export async function findConfigs(address: string | URL | undefined, options: DownloadOptions): Promise<Configs> {
  if (address === undefined) return {};
  const folders = /(^|\/)onnx\/[^/]*$/.test(String(address).replace(/[?#].*$/, '')) ? ['../', ''] : [''];
  const read = async (file: string): Promise<Json | undefined> => {
    for (const folder of folders) {
      const found = await readJson(besideAddress(address, folder + file), options);
      if (found) return found;
    }
    return undefined;
  };
  const [config, preprocessorConfig] = await Promise.all([read('config.json'), read('preprocessor_config.json')]);
  return { ...(config && { config }), ...(preprocessorConfig && { preprocessorConfig }) };
}

async function readJson(address: string | URL, { signal, cache }: DownloadOptions): Promise<Json | undefined> {
  try {
    const bytes = await download(address, { maxBytes: MOST_BYTES, ...(signal && { signal }), ...(cache && { cache }) });
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Json) : undefined;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
