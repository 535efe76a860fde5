import { expect } from 'vitest';
import { runCommandLine } from '../../src/cli/main';

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line in this process and gives all that it printed. */
export async function fovea(...argv: string[]): Promise<Printed> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(argv, {
    out: (text) => out.push(text),
    bytes: (bytes) => out.push(Buffer.from(bytes).toString('latin1')),
    err: (text) => err.push(text),
    interactive: false,
  });
  return { code, out: out.join(''), err: err.join('') };
}

/** The error of a command line that fails as it should: with one line on stderr and nothing on stdout. */
export async function failure(...argv: string[]): Promise<string> {
  const { code, out, err } = await fovea(...argv);
  expect(code).toBe(1);
  expect(out).toBe('');
  expect(err).toMatch(/^fovea: [^\n]+\n$/);
  return err.trim();
}
