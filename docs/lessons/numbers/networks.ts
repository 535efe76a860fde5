import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import photographs from '../../../demo/photographs.json';
import { readPicture } from '../../../src/cli/picture';
import { readSafetensors } from '../../../src/formats/safetensors';
import { buildVisionModel, type VisionModel } from '../../../src/models';
import type { RawPicture } from '../../../src/picture';

const CACHE = '.cache/photographs';

export const NETWORKS = ['classifier', 'detector', 'segmenter'] as const;

/** One of Fovea's own networks, from its weights in this repository. */
export function network(name: (typeof NETWORKS)[number]): VisionModel {
  const path = `weights/${name}.safetensors`;
  return buildVisionModel(readSafetensors(readFileSync(path), path), path);
}

/** One of the page's sample photographs, downloaded once. @throws Error when it is not the picture it was */
export async function photograph(label: string): Promise<RawPicture> {
  const { url, sha256 } = photographs.find((photo) => photo.label === label)!;
  const path = join(CACHE, `${label}.jpg`);
  if (!existsSync(path)) {
    mkdirSync(CACHE, { recursive: true });
    const response = await fetch(url).catch(({ cause }) => {
      throw new Error(`the photograph ${url} cannot be fetched: ${cause?.message}. Any copy of it will do as ${path}`);
    });
    if (!response.ok) throw new Error(`the photograph ${url} cannot be fetched: status ${response.status}`);
    writeFileSync(path, new Uint8Array(await response.arrayBuffer()));
  }
  const found = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (found !== sha256) throw new Error(`${path} must have the SHA-256 ${sha256}, but has ${found}`);
  return readPicture(path);
}
