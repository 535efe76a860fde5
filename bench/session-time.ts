import { readdirSync, readFileSync } from 'node:fs';
import type { Session } from '../src/gpu/session';

const ROUNDS = 4;

/** CPU time of this process, over all cores. */
export const cpuMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

/** CPU time of all threads but this one, which polls Dawn all the while. Without /proc: of all threads. */
function driverCpuMs(): number {
  try {
    const threads = readdirSync('/proc/self/task').filter((thread) => thread !== String(process.pid));
    const times = threads.map((thread) =>
      Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    );
    return times.reduce((sum, ns) => sum + ns, 0) / 1e6;
  } catch {
    return cpuMs({ user: 0, system: 0 });
  }
}

/** The least wall and CPU time of one submission of what a session, or other work, encodes. */
export async function time(work: Pick<Session, 'device' | 'encode'>): Promise<{ wallMs: number; cpuMs: number }> {
  let wallMs = Number.POSITIVE_INFINITY;
  let leastCpu = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= ROUNDS; round++) {
    const encoder = work.device.createCommandEncoder();
    work.encode(encoder);
    const commands = encoder.finish();
    // CPU time is read outside the wall time: it takes a file per thread.
    const before = driverCpuMs();
    const start = performance.now();
    work.device.queue.submit([commands]);
    await work.device.queue.onSubmittedWorkDone();
    const ms = performance.now() - start;
    const cpu = driverCpuMs() - before;
    // The first round warms up.
    if (round === 0) continue;
    wallMs = Math.min(wallMs, ms);
    leastCpu = Math.min(leastCpu, cpu);
  }
  return { wallMs, cpuMs: leastCpu };
}
