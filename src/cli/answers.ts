import { ArgumentError } from '../errors';
import type { RawPicture } from '../picture';
import { type Answer, AnswerFolder } from './answer-folder';
import { columns, type Output } from './command';
import { writeBytes } from './files';
import { encodeAnnotated, encodeGrey, encodePicture } from './picture';
import { outputFiles, type PictureFile } from './pictures';
import { ProgressBar } from './progress';

/** A command's answer about one picture. */
export interface Report {
  /** For JSON, beside the picture's name and size. */
  readonly json: Answer;
  /** For people: rows of a table. */
  readonly rows: readonly (readonly string[])[];
  /** Drawn over the picture: an SVG document, or RGBA pixels of its size; or a picture that takes its place. */
  readonly overlay: string | Uint8Array | RawPicture;
  /** One byte for each pixel, where the task gives a mask. */
  readonly mask?: Uint8Array;
}

/** Where answers go. */
export interface AnswerOptions {
  readonly out?: string;
  readonly mask?: string;
  readonly 'out-dir'?: string;
  readonly json: boolean;
  readonly jsonl: boolean;
}

const encodeOverlay = (picture: RawPicture, overlay: Report['overlay']): Promise<Uint8Array> =>
  typeof overlay === 'string' || overlay instanceof Uint8Array
    ? encodeAnnotated(picture, overlay)
    : encodePicture(overlay);

/** So many broken pictures are named in the error; the answers name all. */
const MOST_NAMED = 10;

/** The answers of a command about its pictures, which it prints and writes to files one by one. */
export class Answers {
  readonly #folder: AnswerFolder | undefined;
  readonly #targets: Readonly<Record<'out' | 'mask', readonly string[] | undefined>>;
  readonly #print: (text: string) => void;
  readonly #bar: ProgressBar;
  readonly #indices: ReadonlyMap<PictureFile, number>;
  readonly #all: Answer[] = [];
  readonly #errors: string[] = [];
  #done = 0;

  /**
   * @param settings that the answers depend on
   * @throws ArgumentError when two pictures would be drawn into one file
   */
  constructor(
    private readonly pictures: readonly PictureFile[],
    private readonly options: AnswerOptions,
    settings: Answer,
    private readonly output: Output,
  ) {
    const { out, mask, 'out-dir': folder } = options;
    if (out === '-' && mask === '-') throw new ArgumentError('--out and --mask cannot both be -, which is stdout');
    this.#targets = {
      out: out === undefined ? undefined : outputFiles('out', out, pictures),
      mask: mask === undefined ? undefined : outputFiles('mask', mask, pictures),
    };
    this.#indices = new Map(pictures.map((file, index) => [file, index]));
    this.#folder = folder === undefined ? undefined : new AnswerFolder(folder, pictures, settings);
    // Stdout holds the picture alone.
    this.#print = out === '-' || mask === '-' ? (text) => output.err(text) : (text) => output.out(text);
    this.#bar = new ProgressBar(pictures.length > 1 ? output : { ...output, interactive: false }, 'answered');
  }

  /** Whether the answer was there from earlier work, and is printed. */
  takeStored(file: PictureFile): boolean {
    const stored = this.#folder?.find(file);
    if (stored) this.#tell(stored, `${file.path}: answered before`);
    return stored !== undefined;
  }

  /** What the work gives; undefined when the picture is broken, which is told with the others. */
  async unlessBroken<T>(file: PictureFile, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      // One bad picture does not cost the answers about the others.
      if (this.pictures.length === 1 || !(error instanceof ArgumentError)) throw error;
      this.#errors.push(error.message);
      this.#tell({ picture: file.path, error: error.message });
      return undefined;
    }
  }

  /** Writes the answer's files and prints it. @throws ArgumentError for a file that cannot be written */
  async add(file: PictureFile, picture: RawPicture, { json, rows, overlay, mask }: Report): Promise<void> {
    const { width, height } = picture;
    const index = this.#indices.get(file)!;
    const targets = {
      out: this.#targets.out?.[index] ?? this.#folder?.fileFor(file, '.png'),
      mask: this.#targets.mask?.[index] ?? (mask && this.#folder?.fileFor(file, '.mask.png')),
    };
    if (targets.out !== undefined) this.#write(targets.out, await encodeOverlay(picture, overlay));
    if (targets.mask !== undefined && mask) this.#write(targets.mask, await encodeGrey({ data: mask, width, height }));
    const answer = { picture: file.path, width, height, ...json, ...targets };
    this.#folder?.store(file, answer);
    const lines = rows.length > 0 ? columns(rows) : ['  nothing'];
    this.#tell(answer, [`${file.path} (${width} × ${height})`, ...lines].join('\n'));
  }

  /** @throws ArgumentError naming the broken pictures, if there were any */
  finish(header: Answer): void {
    this.#bar.finish();
    if (this.options.json) this.#print(`${JSON.stringify({ ...header, pictures: this.#all }, null, 2)}\n`);
    const more = this.#errors.length - MOST_NAMED;
    if (more > 0) this.#errors.splice(MOST_NAMED, more, `and ${more} more`);
    if (this.#errors.length > 0) throw new ArgumentError(this.#errors.join('; '));
  }

  #tell(answer: Answer, text?: string): void {
    const { json, jsonl } = this.options;
    if (json) this.#all.push(answer);
    this.#bar.finish();
    if (jsonl) this.#print(`${JSON.stringify(answer)}\n`);
    else if (!json && text !== undefined) this.#print(`${text}\n`);
    this.#bar.update(++this.#done, this.pictures.length);
  }

  #write(path: string, bytes: Uint8Array): void {
    if (path === '-') this.output.bytes(bytes);
    else writeBytes(path, bytes);
  }
}
