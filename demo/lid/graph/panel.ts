import { make } from '../../dom';
import { messageOf } from '../../notices';
import { roveIn } from '../../roving';
import { openLarge } from '../large';
import { type Layer, type Listing, titleOf } from '../layers';
import type { Scene, Tool } from '../scene';
import { toSvg } from './export';
import { factsOf } from './facts';
import { writtenAs } from './fusion';
import { type Layering, layer as layerOut } from './layering';
import { type Box, boxesOf, linesOf, nodeButton, pathsOf, sizeOf, warmth } from './nodes';
import { paintThumbnails } from './thumbnails';
import './style.css';

export const open = (body: HTMLElement): Tool => new GraphView(body);

/** A layer as it is drawn. */
interface Drawn {
  readonly box: Box;
  readonly button: HTMLButtonElement;
  text: readonly string[];
  thumbnail: HTMLCanvasElement | undefined;
}

/** A network as nodes and edges. */
class GraphView implements Tool {
  readonly #search = make('input', {
    type: 'search',
    'aria-label': 'Find layers by name, operator or kernel',
    placeholder: 'Find a layer',
  });
  readonly #found = make('span', { class: 'credit', role: 'status' });
  readonly #save = make('button', { type: 'button' }, 'Save as SVG');
  readonly #about = make('p', { class: 'credit' });
  readonly #plane = make('div', { class: 'plane', role: 'group', 'aria-label': 'Layers of the network' });
  readonly #frame = make('div', { class: 'graph' }, this.#plane);
  readonly #facts = make('div', { class: 'graph-facts' });
  #scene: Scene | undefined;
  #listing: Listing | undefined;
  #layering: Layering | undefined;
  #drawn = new Map<Layer, Drawn>();
  #picture: Scene['picture'] | undefined;
  #turn = 0;

  constructor(body: HTMLElement) {
    const tools = make('div', { class: 'toolbar' }, this.#search, this.#found, this.#save);
    body.replaceChildren(this.#about, tools, make('div', { class: 'graph-and-facts' }, this.#frame, this.#facts));
    roveIn(this.#plane);
    this.#search.addEventListener('input', () => this.#find());
    this.#search.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter') this.#plane.querySelector<HTMLElement>('.found')?.focus();
    });
    this.#save.addEventListener('click', () => this.#saveSvg());
  }

  follow(scene: Scene): void {
    const isNew = this.#listing !== scene.listing;
    this.#scene = scene;
    if (isNew) this.#draw(scene);
    this.#color(scene);
    this.#mark(scene);
    if (isNew || this.#picture !== scene.picture) void this.#paint(scene);
  }

  #draw({ listing }: Scene): void {
    const { layers, source, graph } = listing;
    this.#listing = listing;
    const makers = new Map(layers.flatMap(({ node }) => node.outputs.map((output) => [output, node.name] as const)));
    const reads = new Map(
      layers.map(({ node }) => [node.name, node.inputs.flatMap((input) => makers.get(input) ?? [])] as const),
    );
    const layering = layerOut(reads);
    this.#layering = layering;
    const { width, height } = sizeOf(layering);
    const lines = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    lines.setAttribute('viewBox', `0 0 ${width} ${height}`);
    lines.setAttribute('width', String(width));
    lines.setAttribute('height', String(height));
    lines.setAttribute('aria-hidden', 'true');
    for (const d of pathsOf(layering)) {
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      path.setAttribute('d', d);
      lines.append(path);
    }
    this.#drawn = new Map(
      [...boxesOf(layers, layering)].map(([layer, box]) => {
        const text = linesOf(layer, writtenAs(source, graph, layer.node).length, undefined);
        const button = nodeButton(layer, box, text);
        button.addEventListener('click', () => this.#scene?.choose(layer.output));
        return [layer, { box, button, text, thumbnail: undefined }];
      }),
    );
    this.#plane.style.width = `${width}px`;
    this.#plane.style.height = `${height}px`;
    this.#plane.replaceChildren(lines, ...[...this.#drawn.values()].map(({ button }) => button));
    this.#find();
  }

  /** Colours by the times of the layers, where they are known. */
  #color({ listing, timesMs }: Scene): void {
    const { source, graph, layers } = listing;
    const longest = Math.max(0, ...timesMs.values());
    for (const [layer, drawn] of this.#drawn) {
      const timeMs = timesMs.get(layer.node.name);
      drawn.button.style.setProperty('--warmth', `${warmth(timeMs, longest)}%`);
      drawn.text = linesOf(layer, writtenAs(source, graph, layer.node).length, timeMs);
      for (const [i, small] of drawn.button.querySelectorAll('small').entries()) small.textContent = drawn.text[i + 1];
      drawn.button.title = drawn.text.join('\n');
    }
    const steps = `${layers.length} steps`;
    const fused =
      graph === source
        ? `${steps}, as the network is written: fusion leaves fewer`
        : `${source.nodes.length} operators as written became ${steps}; ⊕ says how many are in one`;
    const colours =
      timesMs.size > 0 ? 'the warmer its colour, the more time' : 'its colour tells its time after “Time every layer”';
    this.#about.textContent = `${fused}. The wider a layer, the more arithmetic it takes; ${colours}.`;
  }

  /** Marks the chosen layer, brings it into view, and tells what is known of it. */
  #mark({ layer, listing, timesMs }: Scene): void {
    for (const [other, { button }] of this.#drawn) {
      if (other.node === layer?.node) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
    const chosen = [...this.#drawn].find(([{ node }]) => node === layer?.node)?.[1];
    if (!layer || !chosen) {
      this.#facts.replaceChildren(make('p', { class: 'empty' }, 'Choose a layer.'));
      return;
    }
    const { left, top, width, height } = chosen.box;
    const { clientWidth, clientHeight } = this.#frame;
    this.#frame.scrollTo(left + width / 2 - clientWidth / 2, top + height / 2 - clientHeight / 2);
    const large = make('button', { type: 'button' }, 'Open its maps large');
    large.addEventListener('click', () => openLarge(titleOf(layer)));
    this.#facts.replaceChildren(
      make('h4', {}, titleOf(layer)),
      large,
      ...factsOf(layer, listing, timesMs.get(layer.node.name)),
    );
  }

  async #paint(scene: Scene): Promise<void> {
    const turn = ++this.#turn;
    this.#picture = scene.picture;
    try {
      const isWanted = (): boolean => turn === this.#turn && this.#frame.getClientRects().length > 0;
      await paintThumbnails(scene, isWanted, (layer, canvas) => {
        const drawn = this.#drawn.get(layer);
        if (!drawn) return;
        drawn.thumbnail?.remove();
        drawn.button.prepend(canvas);
        drawn.thumbnail = canvas;
      });
    } catch (error) {
      if (turn === this.#turn) this.#found.textContent = `No thumbnails: ${messageOf(error)}`;
    }
  }

  #find(): void {
    const words = this.#search.value.trim().toLowerCase();
    let count = 0;
    for (const { button } of this.#drawn.values()) {
      const isFound = words !== '' && button.title.toLowerCase().includes(words);
      button.classList.toggle('found', isFound);
      if (isFound && ++count === 1) button.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
    this.#plane.classList.toggle('searched', count > 0);
    this.#found.textContent = words === '' ? '' : `${count} found`;
  }

  #saveSvg(): void {
    if (!this.#listing || !this.#layering) return;
    const { name } = this.#listing.graph;
    const { width, height } = sizeOf(this.#layering);
    const svg = toSvg(name, [width, height], pathsOf(this.#layering), this.#drawn);
    const href = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    make('a', { href, download: `${name}.svg` }).click();
    setTimeout(() => URL.revokeObjectURL(href));
  }
}
