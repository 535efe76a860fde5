/**
 * How many of `count` equal pieces of work make a part of about `cost`: at least one, at most all.
 *
 * @param each what one piece costs
 */
export const piecesPerPart = (cost: number, each: number, count: number): number =>
  Math.max(1, Math.min(count, Math.floor(cost / each)));
