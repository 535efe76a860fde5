import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever its own clock does. */
const TICK_MS = 10;

/**
 * CPU time of a process and of all below it, which other programs on the machine change least. Without /proc it is
 * undefined.
 */
export function cpuMsOfTree(root: number): number | undefined {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return undefined;
  }
  const processes = names.filter((name) => /^\d+$/.test(name)).flatMap((name) => readStat(name) ?? []);
  const tree = new Set([root]);
  // Children may be listed before their parents, as numbers are used again.
  for (let size = 0; size < tree.size; ) {
    size = tree.size;
    for (const { pid, parent } of processes) if (tree.has(parent)) tree.add(pid);
  }
  const own = processes.filter(({ pid }) => tree.has(pid));
  return own.length === 0 ? undefined : TICK_MS * own.reduce((sum, { ticks }) => sum + ticks, 0);
}

/** @returns undefined for a process that has ended meanwhile */
function readStat(pid: string): { pid: number; parent: number; ticks: number } | undefined {
  try {
    // The name, in parentheses, may hold anything. Behind it: state, parent, …, user and system time.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}
