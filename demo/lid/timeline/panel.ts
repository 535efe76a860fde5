import type { Engine, Model } from '../../../src';
import { launchesOf } from '../../../src/gpu/plan';
import { graphStatistics } from '../../../src/graph/statistics';
import type { Bounds } from '../../bounds/bounds';
import { make, megabytes, milliseconds } from '../../dom';
import { messageOf } from '../../notices';
import { roveIn } from '../../roving';
import { type Layer, type Listing, listLayers } from '../layers';
import type { Scene, Tool } from '../scene';
import { assembled, type Frame, lengthOf, recordFrame } from './frame';
import { LIMITS, rooflineOf } from './roofline';
import { drawTrack, type Known } from './track';
import './style.css';

export const open = (body: HTMLElement): Tool => new Timeline(body);

/** The launches of a frame on one axis. */
class Timeline implements Tool {
  readonly #record = make('button', { type: 'button', class: 'primary' }, 'Record a frame');
  readonly #compare = make('button', { type: 'button' }, 'Measure what fusion saves');
  readonly #zoom = make('input', { type: 'range', min: 1, max: 20, step: 1, value: 1 });
  readonly #status = make('p', { class: 'status', role: 'status' });
  readonly #track = make('div', { class: 'track' });
  readonly #frame = make('div', { class: 'timeline', hidden: true }, this.#track);
  readonly #look = make('p', { class: 'look' });
  readonly #legend = make('ul', { class: 'limits' });
  readonly #fusion = make('div', {
    class: 'fusion',
    role: 'group',
    'aria-label': 'What fusion saves',
    tabindex: 0,
  });
  #scene: Scene | undefined;
  #listing: Listing | undefined;

  constructor(body: HTMLElement) {
    const zoom = make('label', {}, 'Zoom ', this.#zoom);
    const tools = make('div', { class: 'toolbar' }, this.#record, this.#compare, zoom, this.#status);
    body.replaceChildren(tools, this.#frame, this.#look, this.#legend, this.#fusion);
    this.#record.addEventListener('click', () => void this.#run((engine, scene) => this.#recordNow(engine, scene)));
    this.#compare.addEventListener('click', () => void this.#run((engine, scene) => this.#compareNow(engine, scene)));
    this.#zoom.addEventListener('input', () => {
      this.#track.style.width = `${100 * this.#zoom.valueAsNumber}%`;
    });
  }

  follow(scene: Scene): void {
    this.#scene = scene;
    for (const button of [this.#record, this.#compare]) button.disabled = !scene.engine;
    if (!scene.engine) this.#status.textContent = 'Without WebGPU there are no launches.';
    if (this.#listing === scene.listing) return;
    this.#listing = scene.listing;
    this.#frame.hidden = true;
    for (const part of [this.#track, this.#legend, this.#fusion]) part.replaceChildren();
    this.#look.textContent =
      'Record a frame to see when each launch begins and ends, and whether launching, memory or arithmetic bounds it.';
  }

  async #run(work: (engine: Engine, scene: Scene) => Promise<void>): Promise<void> {
    const scene = this.#scene;
    if (!scene?.engine) return;
    for (const button of [this.#record, this.#compare]) button.disabled = true;
    this.#status.textContent = 'Running …';
    try {
      await work(scene.engine, scene);
      this.#status.textContent = '';
    } catch (error) {
      this.#status.textContent = messageOf(error);
    } finally {
      for (const button of [this.#record, this.#compare]) button.disabled = false;
    }
  }

  async #recordNow(engine: Engine, scene: Scene): Promise<void> {
    const { listing } = scene;
    const bounds = await scene.bounds(engine);
    const frame = await frameOf(engine, scene, listing, bounds);
    if (this.#listing !== listing) return;
    this.#show(frame, bounds, engine);
  }

  #show(frame: Frame, bounds: Bounds, engine: Engine): void {
    const layers = new Map(this.#listing!.layers.map((layer) => [layer.node.name, layer]));
    const elementBytes = engine.precision === 'f16' ? 2 : 4;
    const timesMs = new Map<string, number>();
    for (const { node, startMs, endMs } of frame.spans) timesMs.set(node, (timesMs.get(node) ?? 0) + endMs - startMs);
    const known = new Map<string, Known>();
    for (const [node, timeMs] of timesMs) {
      const layer = layers.get(node);
      if (layer) known.set(node, { layer, timeMs, roofline: rooflineOf(layer, bounds, elementBytes) });
    }
    const look = (sentence: string): void => {
      this.#look.textContent = sentence;
    };
    const choose = ({ output }: Layer): void => this.#scene?.choose(output);
    this.#track.replaceChildren(...drawTrack(frame, known, look, choose));
    roveIn(this.#track.querySelector<HTMLElement>('.launches')!);
    this.#frame.hidden = false;
    const busyMs = [...timesMs.values()].reduce((sum, ms) => sum + ms, 0);
    const totalMs = lengthOf(frame);
    look(
      `${frame.spans.length} launches in ${milliseconds(totalMs)}, of which ${milliseconds(Math.max(0, totalMs - busyMs))} are gaps. ${howMeasured(frame, engine)}`,
    );
    this.#legend.replaceChildren(
      ...LIMITS.map((limit) => {
        const bound = [...known.values()].filter(({ roofline }) => roofline.limit === limit);
        const ms = bound.reduce((sum, { timeMs }) => sum + timeMs, 0);
        const text = `Bound by ${limit}: ${milliseconds(ms)} in ${bound.length} of ${known.size} layers`;
        return make('li', {}, make('span', { class: `swatch by-${limit}`, 'aria-hidden': 'true' }), text);
      }),
    );
  }

  async #compareNow(engine: Engine, scene: Scene): Promise<void> {
    const { source } = scene.listing;
    const bounds = await scene.bounds(engine);
    const rows: HTMLElement[] = [];
    const lengths: number[] = [];
    for (const fuse of [false, true]) {
      const listing = await listLayers(engine, source, fuse);
      const lengthMs = lengthOf(await frameOf(engine, scene, listing, bounds));
      lengths.push(lengthMs);
      const moved = [...graphStatistics(listing.graph).nodes.values()].reduce(
        (sum, node) => sum + node.elementsMoved,
        0,
      );
      const cells = [
        String(listing.layers.length),
        String(launchesOf(listing.plan!)),
        megabytes(moved * (engine.precision === 'f16' ? 2 : 4)),
        milliseconds(lengthMs),
      ];
      const title = make('th', { scope: 'row' }, fuse ? 'Fused' : 'As written');
      rows.push(make('tr', {}, title, ...cells.map((cell) => make('td', {}, cell))));
    }
    if (this.#listing !== scene.listing) return;
    const [before, after] = lengths;
    const head = ['', 'Steps', 'Launches', 'Read and written', 'Frame'].map((text) =>
      make('th', { scope: 'col' }, text),
    );
    this.#fusion.replaceChildren(
      make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...rows)),
      make('p', {}, `Fusion saves ${milliseconds(Math.max(0, before - after))} of ${milliseconds(before)} here.`),
    );
  }
}

/** A frame by the GPU's clock; where that is missing, of the times that layers take alone. */
async function frameOf(engine: Engine, { input }: Scene, { source, graph }: Listing, bounds: Bounds): Promise<Frame> {
  const { software } = engine.adapter;
  const model: Model = await engine.load(source, { optimise: graph !== source });
  try {
    const inputs = { [source.inputs[0]]: input };
    // The first run of a pipeline has costs of its own.
    await model.run(inputs);
    const recorded = await model.guard(async () => recordFrame(await model.session(), software));
    if (recorded) return recorded;
    const timings = await model.profile(inputs, software ? { maxRepeats: 1 } : {});
    const shaders = new Map(
      model.plan.steps.map(({ node, chosen }) => [node.name, chosen.dispatches.map(({ shader }) => shader.name)]),
    );
    return assembled(timings, (node) => shaders.get(node) ?? [], bounds.launchMs);
  } finally {
    model.dispose();
  }
}

function howMeasured({ method, stepMs }: Frame, { adapter }: Engine): string {
  const software = adapter.software
    ? ' This is a software adapter, which computes on the CPU: no GPU has such times.'
    : '';
  if (method === 'layers') {
    return `This adapter has no clock for launches: layers take what they take alone, and a gap what an empty launch takes.${software}`;
  }
  const coarse = stepMs >= 0.01 ? ` The browser’s clock has steps of ${milliseconds(stepMs)}.` : '';
  return `By the GPU’s clock, each launch in a pass of its own, which makes gaps longer.${coarse}${software}`;
}
