import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder of material outside this repository: beside it, or the one that `FOVEA_SHARED` names. */
const SHARED = process.env.FOVEA_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url));

/** A path in that folder. If it is not there: undefined, with a note that its tests are skipped. */
export function shared(path: string): string | undefined {
  const full = join(SHARED, path);
  if (existsSync(full)) return full;
  console.warn(`skipped: ${path} is not in ../shared, nor in the folder that FOVEA_SHARED names`);
  return undefined;
}
