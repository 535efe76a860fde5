import { make, milliseconds } from '../../dom';
import type { Layer } from '../layers';
import { type Frame, lengthOf, type Span } from './frame';
import type { Roofline } from './roofline';

/** A launch with what is known of its layer. */
export interface Known {
  readonly layer: Layer;
  readonly roofline: Roofline;
  /** The time of all launches of the layer. */
  readonly timeMs: number;
}

/** A round number of milliseconds, so that six to fifteen ticks fill the axis. */
export function tickOf(lengthMs: number): number {
  const rough = lengthMs / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [5, 2, 1].map((factor) => factor * power).find((tick) => tick <= rough)!;
}

/** What a launch was, in a sentence. */
export function sentenceOf(span: Span, before: Span | undefined, { roofline, timeMs }: Known): string {
  const { leastMs, limit } = roofline;
  const gap = before ? span.startMs - before.endMs : 0;
  const share = timeMs > 0 ? Math.round((100 * leastMs[limit]) / timeMs) : 0;
  const least = (['launch', 'memory', 'arithmetic'] as const).map((name) => `${name} ${milliseconds(leastMs[name])}`);
  return `${span.node}, ${span.shader}: ${milliseconds(span.endMs - span.startMs)} from ${milliseconds(span.startMs)} on, ${milliseconds(Math.max(0, gap))} after the launch before. At best ${least.join(', ')}: bound by ${limit}, ${share} % of that bound.`;
}

/** The launches of a frame as bars on one axis; empty ground between them is time in which none ran. */
export function drawTrack(
  frame: Frame,
  known: ReadonlyMap<string, Known>,
  onLook: (sentence: string) => void,
  onChoose: (layer: Layer) => void,
): HTMLElement[] {
  const lengthMs = lengthOf(frame);
  const percent = (ms: number): string => `${(100 * ms) / lengthMs}%`;
  const bars = frame.spans.flatMap((span, i) => {
    const of = known.get(span.node);
    if (!of) return [];
    const sentence = sentenceOf(span, frame.spans[i - 1], of);
    const bar = make('button', { type: 'button', class: `launch by-${of.roofline.limit}`, 'aria-label': sentence });
    bar.style.left = percent(span.startMs);
    bar.style.width = percent(span.endMs - span.startMs);
    for (const event of ['focus', 'pointerenter']) bar.addEventListener(event, () => onLook(sentence));
    bar.addEventListener('click', () => onChoose(of.layer));
    return [bar];
  });
  const tick = tickOf(lengthMs);
  const ticks = Array.from({ length: Math.floor(lengthMs / tick) + 1 }, (_, i) => {
    const mark = make('span', { class: 'instant', 'aria-hidden': 'true' }, `${Number((i * tick).toPrecision(6))}`);
    mark.style.left = percent(i * tick);
    return mark;
  });
  return [make('div', { class: 'launches', role: 'group', 'aria-label': 'Launches, in order' }, ...bars), ...ticks];
}
