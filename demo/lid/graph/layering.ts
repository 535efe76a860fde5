/** Where a node is: ranks go down, and in a rank places are apart by 1 at least. */
export interface Place {
  readonly x: number;
  readonly rank: number;
}

/** A line from one node to another, through the ranks between them. */
export interface Line {
  readonly from: string;
  readonly to: string;
  readonly through: readonly Place[];
}

export interface Layering {
  readonly places: ReadonlyMap<string, Place>;
  readonly lines: readonly Line[];
  readonly width: number;
  readonly ranks: number;
}

/** A node, or a point of the lines from one node as they pass a rank. */
interface Item {
  readonly id: string;
  readonly rank: number;
  /** The room that it takes. */
  readonly width: number;
  readonly above: Item[];
  readonly below: Item[];
  x: number;
}

const LINE_WIDTH = 0.2;
const SWEEPS = 8;

/**
 * Draws a directed graph in layers (Sugiyama, Tagawa and Toda 1981): every node lies a rank below the lowest that it reads,
 * lines pass the ranks between as points, points and nodes are ordered by the middle of their neighbours, and moved
 * towards it.
 *
 * @param reads the nodes that each node reads, in topological order
 */
export function layer(reads: ReadonlyMap<string, readonly string[]>): Layering {
  const ranks: Item[][] = [];
  const items = new Map<string, Item>();
  const add = (id: string, rank: number, width: number): Item => {
    const item: Item = { id, rank, width, above: [], below: [], x: 0 };
    while (ranks.length <= rank) ranks.push([]);
    ranks[rank].push(item);
    return item;
  };
  const lines: { from: string; to: string; items: Item[] }[] = [];
  const passing = new Map<string, Item>();
  for (const [id, from] of reads) {
    const makers = [...new Set(from)].flatMap((maker) => items.get(maker) ?? []);
    const node = add(id, Math.max(-1, ...makers.map(({ rank }) => rank)) + 1, 1);
    items.set(id, node);
    for (const maker of makers) {
      const line = [maker];
      for (let rank = maker.rank + 1; rank < node.rank; rank++) {
        // Lines from one node share their way.
        const key = `${rank} ${maker.id}`;
        const point = passing.get(key) ?? add(key, rank, LINE_WIDTH);
        passing.set(key, point);
        join(line.at(-1)!, point);
        line.push(point);
      }
      join(line.at(-1)!, node);
      lines.push({ from: maker.id, to: id, items: [...line.slice(1), node] });
    }
  }
  place(ranks);
  const all = ranks.flat();
  const left = Math.min(0, ...all.map(({ x, width }) => x - width / 2));
  const right = Math.max(1, ...all.map(({ x, width }) => x + width / 2));
  const placeOf = ({ x, rank }: Item): Place => ({ x: x - left, rank });
  return {
    places: new Map([...items].map(([id, item]) => [id, placeOf(item)])),
    lines: lines.map(({ from, to, items }) => ({ from, to, through: items.map(placeOf) })),
    width: right - left,
    ranks: ranks.length,
  };
}

function join(above: Item, below: Item): void {
  if (above.below.includes(below)) return;
  above.below.push(below);
  below.above.push(above);
}

function place(ranks: Item[][]): void {
  for (const rank of ranks) for (const [i, item] of rank.entries()) item.x = i;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const rank of down ? ranks : ranks.toReversed()) {
      const wish = ({ above, below, x }: Item): number => {
        const neighbours = down ? above : below;
        return neighbours.length > 0 ? neighbours.reduce((sum, n) => sum + n.x, 0) / neighbours.length : x;
      };
      const wishes = new Map(rank.map((item) => [item, wish(item)]));
      rank.sort((a, b) => wishes.get(a)! - wishes.get(b)!);
      spread(
        rank,
        rank.map((item) => wishes.get(item)!),
      );
    }
  }
}

/** Gives each its wish, or a place near to it where its neighbours leave room: the middle of the furthest right and left. */
function spread(rank: readonly Item[], wishes: readonly number[]): void {
  const gap = (i: number): number => (rank[i - 1].width + rank[i].width) / 2;
  const rightward = [...wishes];
  const leftward = [...wishes];
  for (let i = 1; i < rank.length; i++) rightward[i] = Math.max(rightward[i], rightward[i - 1] + gap(i));
  for (let i = rank.length - 1; i > 0; i--) leftward[i - 1] = Math.min(leftward[i - 1], leftward[i] - gap(i));
  for (const [i, item] of rank.entries()) item.x = (rightward[i] + leftward[i]) / 2;
}
