import type { FileKind, NetworkJob } from './engines/engine';
import type { BenchNetwork } from './networks';

/** Where the segmenter's weights are served, for the part that grows pictures. */
export const GROWTH_WEIGHTS = '/growth.safetensors';

const addressOf = (network: BenchNetwork, file: string): string => `/networks/${network.name}.${file}`;

/** The files of a network, by the address at which they are served. */
export function filesOf(network: BenchNetwork): [string, Uint8Array][] {
  const { buffer, byteOffset, byteLength } = network.input.tensor.data;
  return [
    [addressOf(network, 'input'), new Uint8Array(buffer, byteOffset, byteLength)],
    ...Object.entries(network.files).map(([kind, bytes]): [string, Uint8Array] => [addressOf(network, kind), bytes]),
  ];
}

/**
 * What a page, or Node, is told of a network.
 *
 * @param origin before the addresses, where they are not relative to a page
 */
export function jobOf(network: BenchNetwork, origin = ''): { network: NetworkJob; input: string } {
  const { name, input, outputs, files, side } = network;
  const kinds = Object.keys(files).map((kind) => [kind, origin + addressOf(network, kind)]);
  return {
    network: {
      name,
      input: { name: input.name, shape: input.tensor.shape, range: input.range },
      outputs,
      files: Object.fromEntries(kinds) as Partial<Record<FileKind, string>>,
      ...(side !== undefined && { side }),
    },
    input: origin + addressOf(network, 'input'),
  };
}
