import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawMutants, type Job, type Mutant } from './sample';
import { mutantsOf as typescriptMutants } from './typescript';
import { mutantsOf as wgslMutants } from './wgsl';

/** What is mutated, and how. Paths are from the project's folder. */
const LANGUAGES = {
  shaders: {
    mutate: wgslMutants,
    // Pictures, masks, crops and drawing are held by other tests than an operator's cases.
    files: () =>
      filesOf('shaders').filter(
        (file) => /\.wgsl$/.test(file) && !/\/(picture|segment-mask|draw-|crop-boxes)/.test(file),
      ),
  },
  typescript: {
    mutate: typescriptMutants,
    files: () => ['graph', 'gpu', 'formats', 'heads'].flatMap((room) => filesOf(`src/${room}`)).filter(isPlanning),
  },
};

export type Language = keyof typeof LANGUAGES;
export const LANGUAGE_NAMES = Object.keys(LANGUAGES) as Language[];

/** The rest of `src/gpu` talks to a device. */
const PLANNING =
  /^src\/gpu\/(kernels\/.*|few-pipelines|grid|host-data|layout|layout-plan|memory-plan|plan|plan-graph|planned-memory|share-epilogues|share-pipelines|shader|views)\.ts$/;
const isPlanning = (file: string): boolean => !file.startsWith('src/gpu/') || PLANNING.test(file);

export function sampleOf(language: Language, job: Job): Mutant[] {
  const { files, mutate } = LANGUAGES[language];
  return drawMutants(new Map(files().map((file) => [file, readFileSync(file, 'utf8')])), mutate, job);
}

/** All files below a folder, sorted, so that a seed draws the same on every machine. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
