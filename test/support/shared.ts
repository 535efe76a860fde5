import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder of material that is not part of this repository: beside it, or where `FOVEA_SHARED` says. */
const SHARED = process.env.FOVEA_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url));

/** The path of something in it, or undefined, with a note why its tests are skipped. */
export function shared(path: string): string | undefined {
  const full = join(SHARED, path);
  if (existsSync(full)) return full;
  console.warn(`skipped: ${path} is not in ../shared, nor in the folder that FOVEA_SHARED names`);
  return undefined;
}
