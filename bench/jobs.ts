import type { FileKind, NetworkJob } from './engines/engine';
import type { BenchNetwork } from './networks';

/** A request for this address tells the server to count bytes from here on. */
export const COLD = '/cold';

/** The address of the segmenter's weights, for the measurement of growth. */
export const GROWTH_WEIGHTS = '/growth.safetensors';

const addressOf = (network: BenchNetwork, file: string): string => `/networks/${network.name}.${file}`;

/** The files of a network, by their address on the server. */
export function filesOf(network: BenchNetwork): [string, Uint8Array][] {
  const { buffer, byteOffset, byteLength } = network.input.tensor.data;
  return [
    [addressOf(network, 'input'), new Uint8Array(buffer, byteOffset, byteLength)],
    ...Object.entries(network.files).map(([kind, bytes]): [string, Uint8Array] => [addressOf(network, kind), bytes]),
  ];
}

/**
 * A network as a page, or Node, gets it.
 *
 * @param origin goes before the addresses, for programs that cannot resolve relative ones
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
