import type { ChipReport } from '../compilers/analyse';
import { columns } from '../compilers/tables';
import type { Frames } from './frames';
import type { VariantTimes } from './variants';

/** A default that another variant beats. */
export interface WrongDefault {
  readonly network: string;
  readonly op: string;
  readonly shapes: string;
  readonly precision: string;
  readonly nodes: number;
  readonly default: string;
  readonly defaultMs: number;
  readonly better: string;
  readonly betterMs: number;
}

/** A default that takes less than this times the best variant's time is right. */
const ALLOWED = 1.05;

/** Where another variant is faster than the default by more than 5 %, those that lose most time first. */
export function wrongDefaults(variants: readonly VariantTimes[]): WrongDefault[] {
  const wrong = variants.flatMap(({ ways, ...kind }): WrongDefault[] => {
    const [[first, firstMs], ...others] = ways;
    const timed = others.filter((way): way is readonly [string, number] => typeof way[1] === 'number' && way[1] > 0);
    const [better, betterMs] = timed.reduce<readonly [string, number]>(
      (best, way) => (way[1] < best[1] ? way : best),
      ['', Number.POSITIVE_INFINITY],
    );
    if (typeof firstMs !== 'number' || firstMs <= ALLOWED * betterMs) return [];
    const { network, op, shapes, precision, nodes } = kind;
    return [{ network, op, shapes, precision, nodes, default: first, defaultMs: firstMs, better, betterMs }];
  });
  const lostMs = ({ defaultMs, betterMs, nodes }: WrongDefault): number => nodes * (defaultMs - betterMs);
  return wrong.sort((a, b) => lostMs(b) - lostMs(a));
}

/** A variant that did not compile here, or answered otherwise than the default. */
export const brokenVariants = (variants: readonly VariantTimes[]): string[] =>
  variants.flatMap(({ op, shapes, precision, ways }) =>
    ways.flatMap(([way, time]) => (typeof time === 'string' ? `${op} ${shapes} ${precision}: ${way}: ${time}` : [])),
  );

/** A layer's time as modelled and as measured, with the same kernel. */
export interface ModelledLayer {
  readonly network: string;
  readonly node: string;
  readonly way: string;
  readonly modelledUs: number;
  readonly measuredUs: number;
}

interface MeasuredLayer {
  readonly network: string;
  readonly node: string;
  readonly kernel: string;
  readonly setting: string;
  readonly timeMs: number;
}

/** Layers that were modelled for a chip and measured on it, the most mistaken first. */
export function modelledLayers(
  { networks }: Pick<ChipReport, 'networks'>,
  layers: readonly MeasuredLayer[],
): ModelledLayer[] {
  const modelled = new Map(
    Object.entries(networks).flatMap(([network, report]) =>
      (report.layers ?? []).map(([node, way, us]) => [`${network}/${node}/${way}`, us] as const),
    ),
  );
  const both = layers.flatMap(({ network, node, kernel, setting, timeMs }): ModelledLayer[] => {
    const way = `${kernel} ${setting}`.trim();
    const modelledUs = modelled.get(`${network}/${node}/${way}`);
    return modelledUs === undefined ? [] : [{ network, node, way, modelledUs, measuredUs: 1000 * timeMs }];
  });
  const mistake = ({ modelledUs, measuredUs }: ModelledLayer): number => Math.abs(Math.log(measuredUs / modelledUs));
  return both.sort((a, b) => mistake(b) - mistake(a));
}

const us = (ms: number): string => (1000 * ms).toFixed(1);

export function wrongDefaultTable(wrong: readonly WrongDefault[], most: number): string {
  const header = ['where', 'shapes', 'nodes', 'default', 'µs', 'faster', 'µs', 'of it'];
  const rows = wrong
    .slice(0, most)
    .map((row) => [
      `${row.network} ${row.op} ${row.precision}`,
      row.shapes,
      row.nodes,
      row.default,
      us(row.defaultMs),
      row.better,
      us(row.betterMs),
      (row.betterMs / row.defaultMs).toFixed(2),
    ]);
  return columns([header, ...rows]);
}

export function modelTable(layers: readonly ModelledLayer[], most: number): string {
  const header = ['layer', 'kernel', 'modelled µs', 'measured µs', 'of it'];
  const rows = layers
    .slice(0, most)
    .map(({ network, node, way, modelledUs, measuredUs }) => [
      `${network}: ${node}`,
      way,
      modelledUs.toFixed(1),
      measuredUs.toFixed(1),
      (measuredUs / modelledUs).toFixed(2),
    ]);
  return columns([header, ...rows]);
}

/** A row for each way to run a network. */
export function framesTable(frames: readonly Frames[]): string {
  const header = ['network', '', 'first ms', 'frame ms', 'GPU ms', 'queued ms', 'launches', 'tuned in ms', 'changed'];
  const rows = frames.map((row) => [
    row.network,
    `${row.precision}${row.tuned ? ' tuned' : ''}`,
    row.coldMs.toFixed(0),
    middle(row.steadyMs).toFixed(2),
    row.gpuMs.toFixed(3),
    row.queuedMs.toFixed(2),
    row.dispatches,
    row.tuning ? row.tuning.elapsedMs.toFixed(0) : '',
    row.tuning ? `${row.tuning.changed} of ${row.tuning.choices}, ${row.tuning.guessed} not measured` : '',
  ]);
  return columns([header, ...rows]);
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
