import { Engine, type Graph, type PictureSpec, type RawPicture, type Runner, type Tensor } from '../../src';
import { pictureToTensor } from '../../src/reference/picture';
import type { Place } from '../answering';
import type { Bounds } from '../bounds/bounds';
import { CARDS } from '../cards';
import { byId, make } from '../dom';
import { valuesOf } from '../loading';
import { messageOf } from '../notices';
import { roveIn } from '../roving';
import type { Settings } from '../settings';
import { WorkerRunner } from '../worker-runner';
import { openLarge } from './large';
import { type Layer, type Listing, listLayers, outputsOf, showLayers, titleOf } from './layers';
import type { Scene } from './scene';
import { Tools } from './tools';

interface Page {
  settings(): Settings;
  change(changes: Partial<Settings>): void;
}

interface Network {
  readonly graph: Graph;
  /** Names of its classes, where they are known. */
  readonly labels?: readonly string[];
  /** Where a picture lies in the input. */
  readonly spec: PictureSpec;
  input(picture: RawPicture): Tensor;
}

/** A network of the user's own. */
export interface OwnNetwork extends Network {
  readonly name: string;
}

/** Its value in the list of networks. */
const OWN = 'onnx';

const sayIn = (pane: 'times' | 'check-result', text: string): void => byId(pane).replaceChildren(make('p', {}, text));

/** Everything behind the answers: one chosen layer of one network, seen in four panes. */
export class Lid {
  #places: Readonly<Record<string, Place>> | undefined;
  #own: OwnNetwork | undefined;
  #runner: Runner | undefined;
  #reference: Runner | undefined;
  #picture: RawPicture | undefined;
  #listing: Listing | undefined;
  #chosen = '';
  #seen = false;
  /** How many looks into layers are under way. */
  #looks = 0;
  #timesMs: ReadonlyMap<string, number> = new Map();
  readonly #tools = new Tools(() => this.#scene);
  #bounds: { readonly device: GPUDevice; readonly bounds: Bounds } | undefined;

  /** The hints in the panes of times and checks, which stand there until there is a result. */
  readonly #hints = ['times', 'check-result'].map((id) => [id, [...byId(id).childNodes]] as const);

  constructor(private readonly page: Page) {
    const network = byId<HTMLSelectElement>('network');
    network.replaceChildren(...CARDS.map(({ name, network: title }) => make('option', { value: name }, title)));
    network.value = page.settings().network;
    network.addEventListener('change', () => {
      if (network.value !== OWN) page.change({ network: network.value });
      void this.#listAnew();
    });
    const unfused = byId<HTMLInputElement>('unfused');
    unfused.checked = !page.settings().fused;
    unfused.addEventListener('change', () => {
      page.change({ fused: !unfused.checked });
      void this.#listAnew();
    });
    // A link that keeps a changed shader shows it.
    if (page.settings().edit) byId<HTMLDetailsElement>('workbench').open = true;
    roveIn(byId('layers'));
    byId('own-scale').addEventListener('change', () => void this.#lookInto());
    byId('large').addEventListener('click', () => openLarge(this.#layer ? titleOf(this.#layer) : 'Feature maps'));
    byId('check').addEventListener('click', () => void this.#check());
    byId('profile').addEventListener('click', () => void this.#profile());
  }

  /** Other settings from elsewhere, as when somebody edits the page's address. */
  follow(): void {
    const network = byId<HTMLSelectElement>('network');
    const unfused = byId<HTMLInputElement>('unfused');
    const wanted = this.page.settings();
    if (network.value === OWN) return;
    const isListed = network.value === wanted.network && unfused.checked === !wanted.fused;
    network.value = wanted.network;
    unfused.checked = !wanted.fused;
    if (!isListed) {
      // Networks have layers of the same names: the address says which of them is meant.
      if (wanted.layer) this.#chosen = wanted.layer;
      void this.#listAnew();
    } else if (this.#seen) this.begin();
    this.#tools.follow();
  }

  /** Lists the layers once the networks are there, and again when another network answers in one of the places. */
  async open(places: Readonly<Record<string, Place>>, runner: Runner): Promise<void> {
    this.#places = places;
    this.#runner = runner;
    for (const option of byId<HTMLSelectElement>('network').options) {
      option.textContent = places[option.value]?.card.network ?? option.textContent;
    }
    await this.#list();
  }

  /** Another picture: the chosen layer is looked at anew. */
  look(picture: RawPicture): void {
    this.#picture = picture;
    this.#hint('check-result');
    this.#tools.follow();
    if (this.#chosen) void this.#lookInto();
    else if (this.#seen) this.begin();
  }

  /** Somebody looks under the lid: the layer of the page's address is opened, or the first one. */
  begin(): void {
    this.#seen = true;
    const layers = this.#listing ? outputsOf(this.#listing) : [];
    const wanted = layers.find(({ output }) => output === this.page.settings().layer) ?? layers[0];
    if (!wanted || !this.#picture) return;
    if (wanted.output === this.#chosen) void this.#lookInto();
    else this.#choose(wanted.output);
  }

  /** Shows a network of the user's own in the place of the page's; the same one again looks at its picture anew. */
  async take(own: OwnNetwork): Promise<void> {
    const isNew = this.#own?.graph !== own.graph;
    this.#own = own;
    const network = byId<HTMLSelectElement>('network');
    const option = network.querySelector<HTMLOptionElement>(`[value=${OWN}]`) ?? make('option', { value: OWN });
    option.textContent = own.name;
    network.append(option);
    if (!isNew) {
      if (network.value === OWN) await this.#lookInto();
      return;
    }
    network.value = OWN;
    await this.#list();
    this.#choose(this.#listing?.layers.at(-1)?.output ?? '');
  }

  /** The network that is looked at. */
  get #network(): Network | undefined {
    if (byId<HTMLSelectElement>('network').value === OWN) return this.#own;
    const model = this.#places?.[this.page.settings().network]?.model;
    return model && { ...model, input: (picture) => pictureToTensor(picture, model.spec) };
  }

  get #engine(): Engine | undefined {
    return this.#runner instanceof Engine ? this.#runner : undefined;
  }

  get #scene(): Scene | undefined {
    const [runner, listing, picture, network] = [this.#runner, this.#listing, this.#picture, this.#network];
    if (!runner || !listing || !picture || !network) return undefined;
    return {
      runner,
      engine: this.#engine,
      listing,
      layer: this.#layer,
      spec: network.spec,
      picture,
      input: network.input(picture),
      timesMs: this.#timesMs,
      settings: this.page.settings(),
      change: (changes) => this.page.change(changes),
      choose: (output) => this.#take(output),
      bounds: (engine) => this.#boundsOf(engine),
      reference: () => this.#cpu,
    };
  }

  /** The definitions on the CPU. */
  get #cpu(): Runner {
    this.#reference ??= new WorkerRunner();
    return this.#reference;
  }

  get #fuse(): boolean {
    return !byId<HTMLInputElement>('unfused').checked;
  }

  get #layer(): Layer | undefined {
    return this.#listing && outputsOf(this.#listing).find(({ output }) => output === this.#chosen);
  }

  async #list(): Promise<void> {
    const { graph } = this.#network ?? {};
    const fuse = this.#fuse;
    if (!graph || !this.#runner) return;
    const listing = await listLayers(this.#engine, graph, fuse);
    // Something else was chosen meanwhile, and is listed by whoever chose it.
    if (graph !== this.#network?.graph || fuse !== this.#fuse) return;
    this.#listing = listing;
    this.#timesMs = new Map();
    for (const [id] of this.#hints) this.#hint(id);
    if (!this.#layer) this.#chosen = '';
    this.#showLayers();
    this.#tools.follow();
  }

  /** Lists another network, or the same one otherwise, and looks at the layer of the same name or at the first. */
  async #listAnew(): Promise<void> {
    try {
      await this.#list();
      if (this.#chosen) this.#choose(this.#chosen);
      else if (this.#seen) this.begin();
    } catch (error) {
      byId('layers').replaceChildren(make('p', { class: 'empty' }, messageOf(error)));
    }
  }

  /** Takes back a result that is not of what is shown now. */
  #hint(pane: string): void {
    for (const [id, hint] of this.#hints) if (id === pane) byId(id).replaceChildren(...hint);
  }

  #showLayers(): void {
    if (!this.#listing) return;
    showLayers(this.#listing, this.#chosen, this.#timesMs, (output) => {
      this.#take(output);
      byId('layers').querySelector<HTMLElement>('[aria-current]')?.focus();
    });
  }

  /** Somebody chooses another layer, perhaps at the same place of the picture. */
  #take(output: string, pixel = ''): void {
    this.page.change({ layer: output, channel: 0, pixel, edit: '' });
    this.#choose(output);
  }

  #choose(output: string): void {
    this.#chosen = output;
    this.#hint('check-result');
    this.#showLayers();
    void this.#showShader();
    void this.#lookInto();
    this.#tools.follow();
  }

  async #showShader(): Promise<void> {
    const { showShader } = await import('./shader');
    if (this.#layer) showShader(this.#layer);
  }

  /** Runs the network as far as the chosen layer and shows what it made. */
  async #lookInto(): Promise<void> {
    const { layer, listing, picture } = { layer: this.#layer, listing: this.#listing, picture: this.#picture };
    const network = this.#network;
    if (!layer || !listing || !picture || !network || !this.#runner) return;
    const { spec } = network;
    const isWanted = (): boolean => this.#layer === layer && this.#picture === picture;
    const maps = byId('maps');
    maps.setAttribute('aria-busy', 'true');
    this.#looks++;
    try {
      const input = network.input(picture);
      const [image] = listing.graph.inputs;
      const [{ operandsOf }, { showFeatureMaps }] = await Promise.all([import('./explain'), import('./feature-maps')]);
      const operands = operandsOf(listing.graph, layer.node).filter((name) => name !== image);
      const wanted = [...new Set([layer.output, ...operands])];
      const values = new Map(await valuesOf(this.#runner, listing.graph, input, wanted));
      const { labels = [] } = network;
      const looked = { listing, layer, spec, labels, picture, values: values.set(image, input) };
      if (!isWanted()) return;
      const onLayer = ({ output }: Layer, pixel: string): void => this.#take(output, pixel);
      showFeatureMaps(looked, this.page.settings(), (point) => this.page.change(point), onLayer);
    } catch (error) {
      if (isWanted()) maps.replaceChildren(make('p', { class: 'empty' }, messageOf(error)));
    } finally {
      if (--this.#looks === 0) maps.removeAttribute('aria-busy');
    }
  }

  /** The bounds of the engine's adapter, measured once for each device. */
  async #boundsOf({ device, adapter }: Engine): Promise<Bounds> {
    if (this.#bounds?.device !== device) {
      const { boundsOf } = await import('../bounds/bounds');
      this.#bounds = { device, bounds: await boundsOf(device, adapter.software) };
    }
    return this.#bounds.bounds;
  }

  /** Times the network layer by layer. */
  async #profile(): Promise<void> {
    const engine = this.#engine;
    const [listing, picture] = [this.#listing, this.#picture];
    const network = this.#network;
    if (!engine || !network || !listing || !picture) {
      sayIn('times', 'There is nothing to time before a picture was answered.');
      return;
    }
    const button = byId<HTMLButtonElement>('profile');
    button.disabled = true;
    sayIn('times', 'Timing every layer …');
    try {
      const model = await engine.load(listing.source, { optimise: this.#fuse });
      try {
        const input = { [listing.source.inputs[0]]: network.input(picture) };
        // Repeating a launch makes up for a coarse clock; a software adapter is slow enough without.
        const timings = await model.profile(input, engine.adapter.software ? { maxRepeats: 1 } : {});
        const bounds = await this.#boundsOf(engine);
        if (this.#listing !== listing) return;
        this.#timesMs = new Map(timings.map(({ node, timeMs }) => [node, timeMs]));
        const { showTimes } = await import('./times');
        showTimes(timings, listing.layers, engine, bounds);
        this.#showLayers();
        this.#tools.follow();
      } finally {
        model.dispose();
      }
    } catch (error) {
      sayIn('times', messageOf(error));
    } finally {
      button.disabled = false;
    }
  }

  /** Computes the chosen layer, or the network's result, on GPU and CPU. */
  async #check(): Promise<void> {
    const network = this.#network;
    if (!network || !this.#runner || !this.#listing || !this.#picture) {
      sayIn('check-result', 'There is nothing to check before a picture was answered.');
      return;
    }
    const listing = this.#listing;
    const picture = this.#picture;
    const { source, graph } = listing;
    const name = this.#chosen || graph.outputs[0];
    const title = this.#layer ? titleOf(this.#layer) : name;
    // Against the network as it is written; what fusion alone made has the fused network's reference.
    const truth = source.values.has(name) ? source : graph;
    const button = byId<HTMLButtonElement>('check');
    button.disabled = true;
    try {
      const input = network.input(picture);
      sayIn('check-result', `Computing ${title} on the CPU, a few seconds …`);
      const [actual, expected] = await Promise.all([
        valuesOf(this.#runner, graph, input, [name]),
        valuesOf(this.#cpu, truth, input, [name]),
      ]);
      // The verdict is of another layer or picture than what is shown now.
      if (this.#listing !== listing || this.#picture !== picture || (this.#chosen || graph.outputs[0]) !== name) return;
      const reference = expected.get(name)!;
      const { showComparison } = await import('./check');
      showComparison(title, actual.get(name)!, reference);
    } catch (error) {
      sayIn('check-result', messageOf(error));
    } finally {
      button.disabled = false;
    }
  }
}
