import { ArgumentError, FoveaError } from '../errors';
import { type Command, columns, commandHelp, type Output } from './command';
import { adapters } from './commands/adapters';
import { conformance } from './commands/conformance';
import { evaluate } from './commands/evaluate';
import { inspect } from './commands/inspect';
import { matte } from './commands/matte';
import { prompt } from './commands/prompt';
import { run } from './commands/run';
import { printable } from './format';
import { TASK_COMMANDS } from './tasks';
import { OTHER_COMMANDS } from './tasks/others';

const COMMANDS: readonly Command[] = [
  ...TASK_COMMANDS.map(({ command }) => command),
  ...OTHER_COMMANDS,
  prompt,
  matte,
  evaluate,
  run,
  inspect,
  adapters,
  conformance,
];

/**
 * Runs a command line and returns the process's exit code: 0 only on success. An error is one line on `err`;
 * with `--verbose` its stack follows.
 */
export async function runCommandLine(argv: readonly string[], output: Output): Promise<number> {
  try {
    await dispatch(argv, { ...output, out: (text) => output.out(printable(text)) });
    return 0;
  } catch (error) {
    output.err(`fovea: ${printable(explain(error))}\n`);
    if (argv.includes('--verbose') && error instanceof Error) output.err(`${printable(error.stack ?? '')}\n`);
    return 1;
  }
}

async function dispatch([name, ...rest]: readonly string[], output: Output): Promise<void> {
  if (name === '--help' || name === 'help') {
    output.out(`${help()}\n`);
    return;
  }
  if (name === undefined) throw new ArgumentError(`give a command: ${COMMANDS.map((c) => c.name).join(', ')} or help`);
  const command = COMMANDS.find((c) => c.name === name);
  if (!command) {
    throw new ArgumentError(`unknown command "${name}"; there are ${COMMANDS.map((c) => c.name).join(', ')}`);
  }
  if (rest.includes('--help')) output.out(`${commandHelp(command)}\n`);
  else await command.execute(rest, output);
}

function help(): string {
  const rows = COMMANDS.map(({ name, usage, summary }) => [`  ${name} ${usage}`, summary]);
  return [
    'Fovea: vision networks on hand-written WebGPU shaders',
    '',
    ...columns(rows),
    '',
    'fovea <command> --help tells more. FOVEA_ADAPTER=auto|default|swiftshader|lavapipe|gles picks the WebGPU adapter.',
  ].join('\n');
}

/** One line. An error that is not Fovea's own says what kind it is, as its message alone may not tell. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const line = error.message.replace(/\s*\n\s*/g, ' ');
  return error instanceof FoveaError ? line : `${error.name}: ${line}`;
}
