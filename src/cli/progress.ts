import type { Output } from './command';

const WIDTH = 24;
/** A terminal need not be redrawn more often than it can be read. */
const INTERVAL_MS = 100;

/** A bar on one line of the terminal, rewritten as work goes on; silent where nobody watches. */
export class ProgressBar {
  #drawnAt = Number.NEGATIVE_INFINITY;
  #length = 0;

  constructor(
    private readonly output: Output,
    private readonly label: string,
    /** How to print a count, as bytes or as a number of pictures. */
    private readonly format: (count: number) => string = String,
  ) {}

  /** @param total undefined when nobody knows how much there is */
  update(done: number, total: number | undefined): void {
    const now = performance.now();
    if (!this.output.interactive || (now - this.#drawnAt < INTERVAL_MS && done !== total)) return;
    this.#drawnAt = now;
    const count = this.format(done) + (total === undefined ? '' : ` of ${this.format(total)}`);
    this.#draw(`${this.label} ${total === undefined ? '' : `${bar(done, total)} `}${count}`);
  }

  /** Takes the line away. */
  finish(): void {
    if (this.#length > 0) this.#draw('');
    this.#length = 0;
  }

  #draw(line: string): void {
    this.output.err(`\r${line.padEnd(this.#length)}${line === '' ? '\r' : ''}`);
    this.#length = line.length;
  }
}

function bar(done: number, total: number): string {
  const filled = total > 0 ? Math.min(WIDTH, Math.floor((done / total) * WIDTH)) : WIDTH;
  return `[${'='.repeat(filled)}${' '.repeat(WIDTH - filled)}]`;
}
