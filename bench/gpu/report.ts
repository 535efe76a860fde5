import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileNameOf, type Report, type Row, summarise } from '../report';
import { rooflineOf } from '../roofline';
import type { PlaceName, PlaceReport } from './place';
import type { Ran } from './schedule';

/** All that one run says of a GPU. Its rows and roofline, which the page shows, are of Chrome where that ran, else of Node. */
export interface GpuReport extends Report {
  readonly gpu: {
    readonly minutes: number;
    readonly parts: readonly Ran[];
    readonly problems: readonly string[];
    /** What should have been measured and was not. */
    readonly leftOut: readonly string[];
    readonly places: Readonly<Partial<Record<PlaceName, PlaceReport>>>;
  };
}

const UNKNOWN_BOUNDS = { multiplyAddsPerSecond: Number.NaN, bytesPerSecond: Number.NaN, launchMs: Number.NaN };

/** @throws Error where no place could say what its adapter is */
export function gpuReport(gpu: GpuReport['gpu']): GpuReport {
  const { chrome, node } = gpu.places;
  const isChrome = chrome?.description !== undefined && (chrome.frames.length > 0 || !node?.description);
  const shown = isChrome ? chrome : node;
  if (!shown?.description) throw new Error('no adapter answered');
  const { name, software } = shown.description.adapter;
  const rows = shown.frames
    .filter(({ precision, tuned }) => precision === 'f32' && !tuned)
    .map(({ network, ...sample }): Row => summarise(network, 'fovea', [sample]));
  return {
    date: new Date().toISOString(),
    adapter: `${name}${isChrome ? '' : ' (Dawn in Node)'}, Fovea alone`,
    software,
    rows,
    roofline: rooflineOf(shown.bounds ?? UNKNOWN_BOUNDS, shown.layers),
    growth: [],
    gpu,
  };
}

/** A line for each entry of a list, so that a diff shows what changed. */
export function readableJson(value: unknown, indent = ''): string {
  const deeper = `${indent} `;
  if (Array.isArray(value) && value.length > 0) {
    return `[\n${value.map((entry) => deeper + JSON.stringify(entry)).join(',\n')}\n${indent}]`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  const isFlat = entries.every(([, entry]) => typeof entry !== 'object' || entry === null);
  if (isFlat) return JSON.stringify(value);
  const lines = entries.map(([key, entry]) => `${deeper}${JSON.stringify(key)}: ${readableJson(entry, deeper)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

/** @returns the file's path */
export function writeGpuReport(report: GpuReport, folder: string): string {
  mkdirSync(resolve(folder), { recursive: true });
  const path = join(resolve(folder), fileNameOf(report.adapter));
  writeFileSync(path, `${readableJson(report)}\n`);
  return path;
}
