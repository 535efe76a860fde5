import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isTunedChoice, type TunedChoice, type TuningCache } from '../gpu/tuning-cache';

/** A JSON file. What cannot be read counts as empty and is written over. */
export class FileTuningCache implements TuningCache {
  #choices: Promise<Map<string, TunedChoice>> | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(private readonly path: string) {}

  async get(key: string): Promise<TunedChoice | undefined> {
    return (await this.#load()).get(key);
  }

  /** Writes are in order, each to a file of its own that then takes the old one's place, so that none is ever half there. */
  async set(key: string, value: TunedChoice): Promise<void> {
    const choices = await this.#load();
    choices.set(key, value);
    this.#written = this.#written.catch(() => {}).then(() => this.#save(choices));
    await this.#written;
  }

  #load(): Promise<Map<string, TunedChoice>> {
    this.#choices ??= readFile(this.path, 'utf8').then(
      (text) => new Map(entriesOf(text)),
      () => new Map(),
    );
    return this.#choices;
  }

  async #save(choices: ReadonlyMap<string, TunedChoice>): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    const temporary = `${this.path}.${process.pid}.tmp`;
    await writeFile(temporary, `${JSON.stringify(Object.fromEntries(choices), null, 2)}\n`);
    await rename(temporary, this.path);
  }
}

function entriesOf(text: string): [string, TunedChoice][] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof content !== 'object' || content === null) return [];
  return Object.entries(content).filter((entry): entry is [string, TunedChoice] => isTunedChoice(entry[1]));
}
