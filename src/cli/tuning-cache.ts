import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { ArgumentError } from '../errors';
import { isTunedChoice, type TunedChoice, type TuningCache } from '../gpu/tuning-cache';
import { readBytes, writeBytes } from './files';

/** A JSON file of choices by key. */
export class FileTuningCache implements TuningCache {
  #written: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly choices: Map<string, TunedChoice>,
  ) {}

  /**
   * Reads the file, or makes an empty one, so that one that cannot be written shows before the work is done.
   *
   * @throws ArgumentError naming the path, also when it holds something else, which would be lost
   */
  static open(path: string): FileTuningCache {
    const text = existsSync(path) ? new TextDecoder().decode(readBytes(path)) : '{}\n';
    const choices = choicesOf(text);
    if (!choices) {
      throw new ArgumentError(`--tune ${path}: the file holds something other than tuned kernels; name another`);
    }
    writeBytes(path, text);
    return new FileTuningCache(path, choices);
  }

  async get(key: string): Promise<TunedChoice | undefined> {
    return this.choices.get(key);
  }

  /** Writes are in order, each to a file of its own that then takes the old one's place, so that none is ever half there. */
  async set(key: string, value: TunedChoice): Promise<void> {
    this.choices.set(key, value);
    this.#written = this.#written.catch(() => {}).then(() => this.#save());
    await this.#written;
  }

  async #save(): Promise<void> {
    const temporary = `${this.path}.${process.pid}.tmp`;
    await writeFile(temporary, `${JSON.stringify(Object.fromEntries(this.choices), null, 2)}\n`);
    await rename(temporary, this.path);
  }
}

/** Undefined for what is no file of choices. */
function choicesOf(text: string): Map<string, TunedChoice> | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
  const entries = Object.entries(content);
  return entries.every((entry): entry is [string, TunedChoice] => isTunedChoice(entry[1]))
    ? new Map(entries)
    : undefined;
}
