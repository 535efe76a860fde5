import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCompilers } from '../../tools/gpu-compilers.mjs';
import { type ChipName, chipOf } from './chips';
import type { CompiledPipeline } from './dialect';
import { MachineCode } from './machine-code';

/** Says of a GPU that is not there how many hints its driver gives, and nothing of the shaders. */
const CHATTER = /invalid pci bus info|^Unknown (drm|DRM)_/;
/** Dawn or a driver crashes once in a while. */
const ATTEMPTS = 2;

export interface DriverOptions {
  /** A subgroup size in place of the one that Dawn requires; 0 leaves it to Mesa. */
  readonly subgroup?: number;
}

/** What a program that runs before a chip is asked for: where it leaves its result is added. */
export type Job<T> = Omit<T, 'result' | 'pipelines'>;

/** In a program that `runBefore` started. */
export const jobOf = <T>(): T => JSON.parse(process.env.FOVEA_JOB ?? '{}');

export interface Ran<R> {
  readonly result: R;
  /** By their place in the driver's file. */
  readonly codes: readonly MachineCode[];
  readonly assemblies: readonly string[];
}

/**
 * Runs a program in a process of its own whose only GPU is a chip that is not there.
 *
 * @param program as `tools/run-program.mjs` takes it; it reads `jobOf`, and writes JSON to the job's `result`
 * @throws Error where the chip's compiler is missing, or the program fails
 */
export async function runBefore<T extends object, R>(
  name: ChipName,
  program: string,
  job: Job<T>,
  options: DriverOptions = {},
): Promise<Ran<R>> {
  const folder = mkdtempSync(join(tmpdir(), `fovea-${name}-`));
  const result = join(folder, 'result.json');
  const pipelines = join(folder, 'pipelines.jsonl');
  try {
    const environment = {
      ...environmentFor(name, folder, options),
      FOVEA_PIPELINES: pipelines,
      FOVEA_JOB: JSON.stringify({ ...job, result, pipelines }),
    };
    for (let attempt = 1; ; attempt++) {
      rmSync(pipelines, { force: true });
      const { code, words } = await runNode(['tools/run-program.mjs', program], environment);
      if (words) console.error(`${name}: ${words}`);
      if (code === 0) break;
      const crashed = code === null || code >= 128;
      if (!crashed || attempt === ATTEMPTS) throw new Error(`${name}: ${program} failed with ${code ?? 'a signal'}`);
      console.error(`${name}: crashed, attempt ${attempt} of ${ATTEMPTS}`);
    }
    const lines = readFileSync(pipelines, 'utf8').trimEnd().split('\n');
    const compiled = lines.map((line): CompiledPipeline => JSON.parse(line));
    return {
      result: JSON.parse(readFileSync(result, 'utf8')),
      codes: compiled.map((pipeline) => new MachineCode(pipeline, chipOf(name))),
      assemblies: compiled.map(({ assembly }) => assembly),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What makes Vulkan's loader find our driver, our driver Mesa's, and Mesa's the chip. */
function environmentFor(name: ChipName, folder: string, { subgroup }: DriverOptions): Record<string, string> {
  const compilers = findCompilers();
  if (!compilers) throw new Error('GPU compilers are not there: run "node tools/setup.mjs compilers"');
  const manifest = join(folder, 'driver.json');
  const icd = { api_version: '1.3.305', library_path: compilers.driver };
  mkdirSync(folder, { recursive: true });
  writeFileSync(manifest, JSON.stringify({ file_format_version: '1.0.0', ICD: icd }));
  return {
    ...(process.env as Record<string, string>),
    VK_ICD_FILENAMES: manifest,
    VK_DRIVER_FILES: manifest,
    MESA_SHADER_CACHE_DISABLE: 'true',
    XDG_RUNTIME_DIR: folder,
    FOVEA_DRIVER: compilers[chipOf(name).vendor],
    ...(subgroup !== undefined && { FOVEA_SUBGROUP: String(subgroup) }),
    ...(chipOf(name).vendor === 'intel'
      ? { INTEL_STUB_GPU_PLATFORM: name, LD_PRELOAD: compilers.intelStandIn }
      : { RADV_FORCE_FAMILY: name }),
  };
}

/** @returns its exit code, or null after a signal, and what it said, without the drivers' chatter */
function runNode(args: string[], env: Record<string, string>): Promise<{ code: number | null; words: string }> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    child.on('error', failed);
    child.on('close', (code) => {
      const lines = said.split('\n').filter((line) => line.trim() !== '' && !CHATTER.test(line));
      done({ code, words: lines.join('\n') });
    });
  });
}
