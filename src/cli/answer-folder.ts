import { statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, readBytes, writeBytes } from './files';
import { namesApart, type PictureFile } from './pictures';

/** What a command says of a picture, as JSON. */
export type Answer = Readonly<Record<string, unknown>>;

/**
 * A folder of answers, a file for each picture: `photos/a.jpg` is answered in `a.jpg.json`. An answer that is there
 * already, for the same settings and newer than its picture, is taken from there, so that interrupted work goes on.
 */
export class AnswerFolder {
  readonly #files: ReadonlyMap<PictureFile, string>;

  /** @throws ArgumentError when two pictures would have one file, or there can be no such folder */
  constructor(
    folder: string,
    pictures: readonly PictureFile[],
    private readonly settings: Answer,
  ) {
    makeFolder(folder);
    const names = namesApart(pictures, (name) => name);
    this.#files = new Map(pictures.map((picture, i) => [picture, join(folder, names[i])]));
  }

  /** Where the answer goes, or something beside it, by its ending: `.png`. */
  fileFor(picture: PictureFile, ending: string): string {
    return `${this.#files.get(picture)}${ending}`;
  }

  /** The stored answer, if it still holds. */
  find(picture: PictureFile): Answer | undefined {
    const file = this.fileFor(picture, '.json');
    try {
      if (statSync(file).mtimeMs < statSync(picture.path).mtimeMs) return undefined;
      const { settings, ...answer } = JSON.parse(new TextDecoder().decode(readBytes(file)));
      return JSON.stringify(settings) === JSON.stringify(this.settings) ? answer : undefined;
    } catch {
      // Not there, or not whole.
      return undefined;
    }
  }

  /** Written last, as it says that all is done. @throws ArgumentError */
  store(picture: PictureFile, answer: Answer): void {
    writeBytes(this.fileFor(picture, '.json'), `${JSON.stringify({ settings: this.settings, ...answer })}\n`);
  }
}
