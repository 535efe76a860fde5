import { offers, PRECISIONS } from './parts';
import type { PlaceName, PlaceReport } from './place';

/** What a run should have measured in a place and did not, for want of time or because it failed. */
export function leftOut(place: PlaceName, networks: readonly string[], report: PlaceReport): string[] {
  const { description, costs, bounds, cases, frames, layers, variants } = report;
  if (!description) return [`${place}: everything`];
  const precisions = PRECISIONS.filter((precision) => offers(report, precision));
  const missing: string[] = [];
  if (!costs) missing.push('launches and submissions');
  if (!bounds) missing.push('roofline');
  for (const precision of precisions) {
    const counts = cases.find((row) => row.precision === precision);
    if (!counts) missing.push(`kernel cases ${precision}`);
    else if (counts.ran < counts.cases || counts.kernelsLeftOut > 0) {
      const kernels = counts.kernelsLeftOut > 0 ? `, and ${counts.kernelsLeftOut} kernels of those that ran` : '';
      missing.push(`kernel cases ${precision}: ${counts.cases - counts.ran} of ${counts.cases}${kernels}`);
    }
  }
  for (const network of networks) {
    const ways = precisions.flatMap((precision) => [false, true].map((tuned) => ({ precision, tuned })));
    const not = ways.filter(
      ({ precision, tuned }) =>
        !frames.some((row) => row.network === network && row.precision === precision && row.tuned === tuned),
    );
    const names = not.map(({ precision, tuned }) => `${precision}${tuned ? ' tuned' : ''}`);
    if (!layers.some((layer) => layer.network === network)) names.push('layers');
    if (names.length > 0) missing.push(`${network}: ${names.join(', ')}`);
  }
  for (const precision of precisions) {
    const found = variants.find((row) => row.precision === precision);
    if (!found) missing.push(`variants ${precision}`);
    else if (found.measured.length < found.kinds) {
      missing.push(`variants ${precision}: ${found.kinds - found.measured.length} of ${found.kinds} kinds of layers`);
    }
  }
  return missing.map((line) => `${place}: ${line}`);
}
