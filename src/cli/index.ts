#!/usr/bin/env node
import { reasonOf } from './files';
import { runCommandLine } from './main';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of the output may stop early, as `head` does; that is no error.
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`fovea: cannot write the result: ${reasonOf(error)}\n`);
  process.exit(1);
});
process.stderr.on('error', () => process.exit(1));

// Exiting at once would lose output that a pipe has not taken yet.
process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  bytes: (bytes) => process.stdout.write(bytes),
  err: (text) => process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
});
