import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINES } from '../../engines/engine';
import { CHIP_NAMES, type ChipName } from '../chips';
import type { PeerRow } from './peers';

/** A network's frame on a chip, beside that of the fastest other engine. */
interface Standing {
  readonly ownMs: number;
  readonly peer: string;
  /** How many times what Fovea takes. */
  readonly ratio: number;
}

export function standing(rows: readonly PeerRow[], network: string): Standing | undefined {
  const own = rows.find((row) => row.network === network && row.engine === 'fovea');
  const peers = rows.filter((row) => row.network === network && row.engine !== 'fovea');
  if (!own || peers.length === 0) return undefined;
  const fastest = peers.reduce((best, row) => (row.totalMs < best.totalMs ? row : best));
  return {
    ownMs: own.totalMs,
    peer: ENGINES[fastest.engine].label.replace(' WebGPU', ''),
    ratio: fastest.totalMs / own.totalMs,
  };
}

/** A line for each network, a column for each chip, as README has it: milliseconds, and the fastest peer's multiple of them. */
export function summary(reports: readonly { readonly chip: ChipName; readonly rows: readonly PeerRow[] }[]): string {
  const networks = [...new Set(reports.flatMap(({ rows }) => rows.map(({ network }) => network)))];
  const lines = networks.map((network) => {
    const cells = reports.map(({ rows }) => {
      const found = standing(rows, network);
      return found ? `${found.ownMs.toFixed(2)} ms, ${found.ratio.toFixed(1)}× ${found.peer}` : '';
    });
    return [network, ...cells];
  });
  const header = ['', ...reports.map(({ chip }) => chip)];
  const table = [header, header.map(() => '---'), ...lines];
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The reports of all chips that the folder has. */
export const readPeers = (folder: string): { chip: ChipName; rows: PeerRow[] }[] =>
  CHIP_NAMES.flatMap((chip) => {
    const path = join(folder, `compilers-peers-${chip}.json`);
    return existsSync(path) ? [JSON.parse(readFileSync(path, 'utf8'))] : [];
  });
