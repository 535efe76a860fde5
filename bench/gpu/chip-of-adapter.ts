import type { Bounds } from '../../demo/bounds/bounds';
import type { AdapterReport } from '../../src/gpu/device';
import { CHIP_NAMES, type ChipName, chipOf, peakOf } from '../compilers/chips';

/** Words of adapters that may be a chip. Drivers name a family, or the product; browsers often the family alone. */
const SIGNS: Readonly<Record<ChipName, RegExp>> = {
  navi21: /navi ?21|rx 6[89]\d\d|rdna-2/,
  navi31: /navi ?31|rx 7900|rdna-3/,
  rembrandt: /rembrandt|radeon 6[68]0m|rdna-2/,
  dg2: /dg2|arc\W.*a7\d\d|gen-12-?hp/,
  lnl: /lnl|lunar|arc\W.*1[34]0v|xe-2-?lpg/,
  tgl: /tgl|tiger|iris\W.*xe|gen-12-?lp/,
};
/** What shaders reach of a chip's peak: more is another chip of its family, and so is less. */
const REACHED = { least: 0.25, most: 1.3 };

/** The modelled chip that an adapter is, by its words and by what it was measured to do; undefined where it is none. */
export function chipOfAdapter(
  { software, vendor, architecture, device, description }: AdapterReport,
  { multiplyAddsPerSecond }: Pick<Bounds, 'multiplyAddsPerSecond'>,
): ChipName | undefined {
  if (software) return undefined;
  const words = [vendor, architecture, device, description]
    .join(' ')
    .toLowerCase()
    .replaceAll(/\((r|tm)\)/g, '');
  const reached = (name: ChipName): number => (2 * multiplyAddsPerSecond) / peakOf(chipOf(name));
  const possible = CHIP_NAMES.filter(
    (name) =>
      words.includes(chipOf(name).vendor) &&
      SIGNS[name].test(words) &&
      reached(name) >= REACHED.least &&
      reached(name) <= REACHED.most,
  );
  return possible.sort((a, b) => Math.abs(Math.log(reached(a))) - Math.abs(Math.log(reached(b))))[0];
}
