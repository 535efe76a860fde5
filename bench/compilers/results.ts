import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChipReport } from './analyse';
import { type ChipName, chipOf } from './chips';
import type { PeerRow } from './peers/peers';

export const RESULTS = 'bench/results';

const MODELLED = 'times are modelled, none is measured';

const pathOf = (folder: string, chip: ChipName): string => join(folder, `compilers-${chip}.json`);

export function readReport(folder: string, chip: ChipName): ChipReport | undefined {
  const path = pathOf(folder, chip);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** A network or a pipeline on a line, so that a change shows which it is of. @returns the file's path */
export function writeReport(folder: string, { networks, pipelines, ...report }: ChipReport): string {
  const path = pathOf(folder, report.chip);
  mkdirSync(folder, { recursive: true });
  const head = JSON.stringify({ modelled: MODELLED, ...report }).slice(1, -1);
  const networkLines = Object.entries(networks).map(
    ([name, network]) => `${JSON.stringify(name)}:${JSON.stringify(network)}`,
  );
  const pipelineLines = pipelines.map((pipeline) => JSON.stringify(pipeline));
  const lists = `"networks":{\n${networkLines.join(',\n')}},\n"pipelines":[\n${pipelineLines.join(',\n')}]`;
  writeFileSync(path, `{${head},\n${lists}}\n`);
  return path;
}

export function writePeers(folder: string, chip: ChipName, rows: readonly PeerRow[]): string {
  const path = join(folder, `compilers-peers-${chip}.json`);
  mkdirSync(folder, { recursive: true });
  const head = JSON.stringify({ modelled: MODELLED, chip, title: chipOf(chip).title }).slice(1, -1);
  writeFileSync(path, `{${head},\n"rows":[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}]}\n`);
  return path;
}
