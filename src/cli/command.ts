import { parseArgs } from 'node:util';
import { ArgumentError } from '../errors';

/** Where a command writes: results to `out`, everything else to `err`. */
export interface Output {
  out(text: string): void;
  /** A file as the result, where `-` is named in the place of one. */
  bytes(bytes: Uint8Array): void;
  err(text: string): void;
  /** Whether a person watches `err`, so that a line may be rewritten. */
  readonly interactive: boolean;
}

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly default?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  /** A placeholder for the value in the help, such as DIR. */
  readonly value?: string;
  readonly summary: string;
}

type OptionValue<O extends Option> = O extends { type: 'boolean' }
  ? boolean
  : O extends { multiple: true }
    ? string[]
    : O extends { choices: readonly (infer C)[]; default: string }
      ? C
      : O extends { choices: readonly (infer C)[] }
        ? C | undefined
        : O extends { default: string }
          ? string
          : string | undefined;

export type OptionValues<O extends Record<string, Option>> = { readonly [K in keyof O]: OptionValue<O[K]> };

export interface Command {
  readonly name: string;
  /** The arguments that are no options, as the help shows them. */
  readonly usage: string;
  readonly summary: string;
  /** More for the command's own help. */
  readonly details?: string;
  readonly options: Readonly<Record<string, Option>>;
  execute(argv: readonly string[], output: Output): Promise<void>;
}

/** Options that every command has. */
export const COMMON_OPTIONS = {
  json: { type: 'boolean', summary: 'print the result as JSON' },
  verbose: { type: 'boolean', summary: 'print the stack of an error' },
  help: { type: 'boolean', summary: 'print this help' },
} as const satisfies Record<string, Option>;

/** Makes a command whose `run` gets its options checked and typed. */
export function defineCommand<const O extends Record<string, Option>>(definition: {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly details?: string;
  readonly options: O;
  run(
    positionals: readonly string[],
    options: OptionValues<O & typeof COMMON_OPTIONS>,
    output: Output,
  ): Promise<void> | void;
}): Command {
  const options: Record<string, Option> = { ...definition.options, ...COMMON_OPTIONS };
  return {
    ...definition,
    options,
    async execute(argv, output) {
      const { positionals, values } = parse(definition.name, argv, options);
      await definition.run(positionals, values as OptionValues<O & typeof COMMON_OPTIONS>, output);
    },
  };
}

/** @throws ArgumentError for an unknown option, a value that is missing or not among the choices */
function parse(name: string, argv: readonly string[], options: Readonly<Record<string, Option>>) {
  const parsed = parseOrExplain(name, argv, options);
  const values: Record<string, unknown> = { ...parsed.values };
  for (const [option, { type, multiple, choices }] of Object.entries(options)) {
    values[option] ??= type === 'boolean' ? false : multiple ? [] : undefined;
    const value = values[option];
    if (choices && typeof value === 'string' && !choices.includes(value)) {
      throw new ArgumentError(`--${option} must be one of ${choices.join(', ')}, got "${value}"`);
    }
  }
  return { positionals: parsed.positionals, values };
}

function parseOrExplain(name: string, argv: readonly string[], options: Readonly<Record<string, Option>>) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (cause) {
    // Node explains how to quote a dashed positional after the first sentence.
    const reason = cause instanceof Error ? cause.message.split('. ')[0] : String(cause);
    throw new ArgumentError(`${reason} (see fovea ${name} --help)`, { cause });
  }
}

/** The help of one command. */
export function commandHelp({ name, usage, summary, details, options }: Command): string {
  const rows = Object.entries(options).map(
    ([option, { type, value = 'VALUE', choices, multiple, default: preset, summary }]) => {
      const argument = type === 'boolean' ? '' : ` ${choices?.join('|') ?? value}${multiple ? ' …' : ''}`;
      return [`  --${option}${argument}`, preset === undefined ? summary : `${summary} (default ${preset})`];
    },
  );
  return [
    `usage: fovea ${name} ${usage} [options]`.replace('  ', ' '),
    '',
    summary,
    ...(details ? [details] : []),
    '',
    ...columns(rows),
  ].join('\n');
}

/** Rows of cells with every column but the last padded to its widest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), []);
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd(),
  );
}
