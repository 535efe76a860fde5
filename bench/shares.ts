export interface LayerShare {
  readonly network: string;
  readonly node: string;
  readonly op: string;
  readonly kernel: string;
  readonly setting: string;
  readonly timeMs: number;
  /** The time that its arithmetic or its traffic would need at the bounds, the longer one, over the time it takes. */
  readonly share: number;
}

const CONVOLUTIONS = ['conv2d', 'upsample-conv2d', 'conv-transpose2d'];

/** The share of the bounds that the convolutions of each network reach together, weighted by time. */
export function convolutionShares(layers: readonly LayerShare[]): Record<string, number> {
  const shares: Record<string, number> = {};
  for (const network of new Set(layers.map((layer) => layer.network))) {
    const own = layers.filter((layer) => layer.network === network && CONVOLUTIONS.includes(layer.op));
    const total = own.reduce((sum, { timeMs }) => sum + timeMs, 0);
    shares[network] = own.reduce((sum, { timeMs, share }) => sum + timeMs * share, 0) / total;
  }
  return shares;
}

/** Lists the slowest layers, for the terminal. */
export function slowest(layers: readonly LayerShare[], most: number): string {
  const total = layers.reduce((sum, { timeMs }) => sum + timeMs, 0);
  return [...layers]
    .sort((a, b) => b.timeMs - a.timeMs)
    .slice(0, most)
    .map(({ node, kernel, setting, timeMs, share }) =>
      [
        `  ${`${timeMs.toFixed(2)} ms`.padStart(11)} ${`${((100 * timeMs) / total).toFixed(0)} %`.padStart(5)}`,
        `${`${(100 * share).toFixed(0)} %`.padStart(6)} of the bound  ${node} (${kernel} ${setting})`,
      ].join(' '),
    )
    .join('\n');
}
