import type { Pair } from '../operators/window';

/** What Ultralytics' exporter writes into a file, as far as it bears on pictures and classes. */
export interface UltralyticsFacts {
  readonly labels: readonly string[] | undefined;
  readonly size: Pair | undefined;
}

/** Reads `names` (`{0: 'person', 1: "horse's head"}`) and `imgsz` (`[640, 640]`). */
export function readUltralytics(metadata: ReadonlyMap<string, string>): UltralyticsFacts {
  const labels: string[] = [];
  for (const [, index, quoted, doubled] of (metadata.get('names') ?? '').matchAll(/(\d+): *(?:'([^']*)'|"([^"]*)")/g)) {
    if (Number(index) === labels.length) labels.push(quoted ?? doubled);
  }
  const [, height, width = height] = /^\[?(\d+)(?:, *(\d+))?\]?$/.exec(metadata.get('imgsz')?.trim() ?? '') ?? [];
  return {
    labels: labels.length > 0 ? labels : undefined,
    size: height === undefined ? undefined : [Number(height), Number(width)],
  };
}
