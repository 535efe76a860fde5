import type { AnyCard, Networks, Place } from '../answering';
import { CARDS } from '../cards';
import { messageOf, quiet } from '../notices';
import type { Settings } from '../settings';
import { Menu } from './menu';
import type { NetworkBytes } from './network-bytes';
import { PlaceForm } from './place-form';
import { fetchSource, networkFor, readFiles, recognise } from './sources';
import type { View } from './views';
import './style.css';

/** The ids of the three places beside the picture, by which the page's address calls their networks. */
export type PlaceId = 'classify' | 'detect' | 'segment';

export const PLACE_IDS = CARDS.map(({ name }) => name) as PlaceId[];

export interface ExchangePage {
  networks(): Networks | undefined;
  /** Resolves once the page's own networks are there. */
  readonly ready: Promise<unknown>;
  settings(): Settings;
  change(changes: Partial<Settings>): void;
  /** Lets another network answer in a place. */
  put(id: PlaceId, place: Place): void;
}

/** A network that was put into a place. */
interface Exchanged {
  readonly source: NetworkBytes;
  /** Everything that it may answer. */
  readonly views: readonly View<unknown>[];
}

/** Puts networks by other people into the three places beside the picture, each with the card of its task. */
export class Exchange {
  readonly #menus: Readonly<Record<PlaceId, Menu>>;
  /** The page's own, which come back when they are asked for. */
  readonly #own: Partial<Record<PlaceId, Place>> = {};
  readonly #forms: Partial<Record<PlaceId, PlaceForm>> = {};
  /** By place: what was begun last; what was begun before it comes too late. */
  readonly #loading: Partial<Record<PlaceId, AbortController>> = {};

  constructor(private readonly page: ExchangePage) {
    const menus = PLACE_IDS.map((id) => [
      id,
      new Menu(id, {
        own: () => {
          page.change({ [id]: '' });
          void this.#restoreOwn(id);
        },
        named: (name) => this.#fetch(id, name),
        files: (file, beside) => this.take(id, file, beside),
        cancel: () => this.#loading[id]?.abort(),
      }),
    ]);
    this.#menus = Object.fromEntries(menus) as Record<PlaceId, Menu>;
  }

  async restore(): Promise<void> {
    const named = PLACE_IDS.filter((id) => this.page.settings()[id] !== '');
    await Promise.all(named.map((id) => this.#fetch(id, this.page.settings()[id])));
  }

  follow(before: Settings): void {
    const settings = this.page.settings();
    for (const id of PLACE_IDS) {
      if (before[id] === settings[id]) continue;
      void (settings[id] === '' ? this.#restoreOwn(id) : this.#fetch(id, settings[id]));
    }
  }

  /** A file that was chosen or dropped. */
  take(id: PlaceId, file: File, beside: readonly File[]): Promise<void> {
    return this.#put(id, file.name, () => readFiles(file, beside), '');
  }

  #fetch(id: PlaceId, wanted: string): Promise<void> {
    return this.#put(
      id,
      wanted,
      (signal) =>
        fetchSource(wanted, { signal, onProgress: ({ loaded, total }) => this.#menus[id].progress(loaded, total) }),
      wanted,
    );
  }

  /** @param setting what the page's address calls it */
  async #put(
    id: PlaceId,
    name: string,
    read: (signal: AbortSignal) => Promise<NetworkBytes>,
    setting: string,
  ): Promise<void> {
    const menu = this.#menus[id];
    this.#loading[id]?.abort();
    const loading = new AbortController();
    this.#loading[id] = loading;
    menu.busy(`Loading ${name} …`);
    quiet('network');
    try {
      await this.page.ready;
      const source = await read(loading.signal);
      loading.signal.throwIfAborted();
      menu.busy(`Reading ${source.name} …`);
      const views = await recognise(source, id);
      loading.signal.throwIfAborted();
      await this.#show(id, { source, views }, views[0], loading.signal);
      if (this.page.settings()[id] !== setting) this.page.change({ [id]: setting });
      menu.done(source.name, setting === '');
    } catch (error) {
      if (this.#loading[id] !== loading) return;
      const message = loading.signal.aborted ? `The download of ${name} was cancelled.` : messageOf(error);
      menu.failed(message.includes(name) ? message : `${name}: ${message}`);
    }
  }

  /** Loads a network for one of the tasks that it fits, and lets it answer with the card of that task. */
  async #show(id: PlaceId, { source, views }: Exchanged, view: View<unknown>, signal?: AbortSignal): Promise<void> {
    const { runner } = this.page.networks()!;
    const model = await networkFor(source, view);
    const task = await view.task.load(runner, model);
    if (signal?.aborted) {
      task.dispose();
      signal.throwIfAborted();
    }
    this.#own[id] ??= this.page.networks()!.places[id];
    this.#forms[id]?.close();
    delete this.#forms[id];
    const own = this.#own[id]!.card;
    let card: AnyCard = { ...own, network: source.name };
    if (view.task.task.name !== id) {
      const form = new PlaceForm(id, view, this.page);
      this.#forms[id] = form;
      own.clear?.();
      card = form.card(source.name);
    }
    this.#menus[id].offer(views, view, task.preparation, (other) => void this.#change(id, { source, views }, other));
    this.page.put(id, { card, model, task });
  }

  /** The same network for another of its tasks. */
  async #change(id: PlaceId, exchanged: Exchanged, view: View<unknown>): Promise<void> {
    try {
      await this.#show(id, exchanged, view);
    } catch (error) {
      this.#menus[id].failed(messageOf(error));
    }
  }

  async #restoreOwn(id: PlaceId): Promise<void> {
    this.#loading[id]?.abort();
    delete this.#loading[id];
    this.#menus[id].own();
    const own = this.#own[id];
    if (!own || this.page.networks()?.places[id] === own) return;
    this.#forms[id]?.close();
    delete this.#forms[id];
    this.page.put(id, own);
  }
}
