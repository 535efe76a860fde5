import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const IMPORTED = /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']*)'/g;

/** Test files by how many imports lead from each to a source file: nearest first, those without a way left out. */
export class NearestTests {
  readonly #importers = new Map<string, Set<string>>();

  /** @param files all source and test files, from the project's folder */
  constructor(files: readonly string[]) {
    for (const file of files) {
      for (const [, path] of readFileSync(file, 'utf8').matchAll(IMPORTED)) {
        const imported = [`${join(dirname(file), path)}.ts`, join(dirname(file), path, 'index.ts')].find(existsSync);
        if (imported) this.#importers.set(imported, (this.#importers.get(imported) ?? new Set()).add(file));
      }
    }
  }

  of(source: string): string[] {
    const distances = this.#distances(source);
    const stem = basename(source, '.ts');
    // A test of the same name is the file's own.
    const rank = (file: string): number => (basename(file).startsWith(`${stem}.`) ? 0 : distances.get(file)!);
    return [...distances.keys()].filter((file) => file.endsWith('.test.ts')).sort((a, b) => rank(a) - rank(b));
  }

  /** All files that import one, or import one that does. */
  importersOf(source: string): string[] {
    return [...this.#distances(source).keys()].filter((file) => file !== source);
  }

  #distances(source: string): Map<string, number> {
    const distances = new Map([[source, 0]]);
    // The loop goes on over what it adds: nearer files come first.
    for (const [file, steps] of distances) {
      for (const importer of this.#importers.get(file) ?? []) {
        if (!distances.has(importer)) distances.set(importer, steps + 1);
      }
    }
    return distances;
  }
}
