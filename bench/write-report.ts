import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { growthTable } from './growth';
import { fileNameOf, type Report, table } from './report';
import { slowest } from './shares';

/** Prints a report. A complete one is also written to bench/results. */
export function writeReport(report: Report, complete: boolean): void {
  const { roofline, growth } = report;
  console.log(`\n${table(report)}\n`);
  console.log(
    `roofline: ${(roofline.multiplyAddsPerSecond / 1e9).toFixed(1)} G multiply-adds/s, ` +
      `${(roofline.bytesPerSecond / 1e9).toFixed(1)} GB/s, ${(roofline.launchMs * 1000).toFixed(1)} µs per launch`,
  );
  for (const [network, share] of Object.entries(roofline.convolutionShare)) {
    console.log(`\n${network}: convolutions at ${(100 * share).toFixed(0)} % of the roofline; slowest layers:`);
    const own = roofline.layers.filter((layer) => layer.network === network);
    console.log(slowest(own, 8));
  }
  if (growth.length > 0) console.log(`\nsegmenter, growth with the picture:\n${growthTable(growth)}`);
  if (!complete) return;
  const folder = resolve('bench/results');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, fileNameOf(report.adapter));
  writeFileSync(path, `${JSON.stringify(report, null, 1)}\n`);
  console.log(`\nwritten to ${path}`);
}
