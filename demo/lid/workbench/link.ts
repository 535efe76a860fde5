import type { Candidate } from '../../../src/gpu/kernel';

/** A changed shader as a link keeps it. */
export interface KeptEdit {
  readonly kernel: string;
  readonly setting: string;
  readonly launch: number;
  readonly text: string;
}

/** One stretch of a text that was replaced, and the length of the text that it was in. */
type Packed = readonly [
  kernel: string,
  setting: string,
  launch: number,
  of: number,
  from: number,
  to: number,
  by: string,
];

/** Packs what differs from the original, so that an address holds it. */
export async function packEdit({ kernel, setting, launch, text }: KeptEdit, original: string): Promise<string> {
  const shorter = Math.min(text.length, original.length);
  let start = 0;
  while (start < shorter && text[start] === original[start]) start++;
  let end = 0;
  while (end < shorter - start && text.at(-1 - end) === original.at(-1 - end)) end++;
  const by = text.slice(start, text.length - end);
  const packed: Packed = [kernel, setting, launch, original.length, start, original.length - end, by];
  const bytes = await through(new TextEncoder().encode(JSON.stringify(packed)), new CompressionStream('deflate-raw'));
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * Unpacks what a link keeps.
 *
 * @param candidates of the layer that the link names
 * @throws Error saying why it cannot be used
 */
export async function unpackEdit(packed: string, candidates: readonly Candidate[]): Promise<KeptEdit> {
  const [kernel, setting, launch, of, from, to, by] = await readPacked(packed);
  const found = candidates.find((candidate) => candidate.kernel === kernel && candidate.setting === setting);
  const original = found?.dispatches[launch]?.shader.source;
  if (original === undefined) throw new Error(`The link’s edit is of ${kernel}, which does not run this layer here.`);
  if (original.length !== of) throw new Error(`The link’s edit is of another version of ${kernel}.`);
  return { kernel, setting, launch, text: original.slice(0, from) + by + original.slice(to) };
}

async function readPacked(packed: string): Promise<Packed> {
  try {
    const letters = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream('deflate-raw')))) as Packed;
  } catch (cause) {
    throw new Error('The link’s edit is damaged.', { cause });
  }
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: ReadableWritablePair<Uint8Array, BufferSource>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}
