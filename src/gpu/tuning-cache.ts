/** The fastest kernel of one kind of layer on one device. */
export interface TunedChoice {
  readonly kernel: string;
  readonly setting: string;
  readonly timeMs: number;
}

/**
 * Keeps what tuning found, for the next load. Keys name the adapter, Fovea's version and the layer. A cache may forget
 * and may fail: tuning then measures again.
 */
export interface TuningCache {
  get(key: string): Promise<TunedChoice | undefined>;
  set(key: string, value: TunedChoice): Promise<void>;
}

/** Whether something read from outside is a choice. */
export function isTunedChoice(value: unknown): value is TunedChoice {
  const choice = value as Partial<TunedChoice> | null | undefined;
  return typeof choice?.kernel === 'string' && typeof choice.setting === 'string' && typeof choice.timeMs === 'number';
}

/** Lasts as long as the object. */
export class MemoryTuningCache implements TuningCache {
  readonly #choices = new Map<string, TunedChoice>();

  async get(key: string): Promise<TunedChoice | undefined> {
    return this.#choices.get(key);
  }

  async set(key: string, value: TunedChoice): Promise<void> {
    this.#choices.set(key, value);
  }
}

/** Lasts as long as the browser keeps the page's data. */
export class IndexedDbTuningCache implements TuningCache {
  #database: Promise<IDBDatabase> | undefined;

  constructor(
    private readonly databaseName = 'fovea',
    private readonly factory: IDBFactory = globalThis.indexedDB,
  ) {}

  async get(key: string): Promise<TunedChoice | undefined> {
    const value: unknown = await this.#request('readonly', (store) => store.get(key));
    return isTunedChoice(value) ? value : undefined;
  }

  async set(key: string, value: TunedChoice): Promise<void> {
    await this.#request('readwrite', (store) => store.put(value, key));
  }

  async #request<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    this.#database ??= this.#open();
    try {
      const database = await this.#database;
      return await answer(ask(database.transaction(STORE, mode).objectStore(STORE)));
    } catch (error) {
      // A failure is not kept, nor a database that the browser has closed: the next request opens it again.
      this.#database = undefined;
      throw error;
    }
  }

  #open(): Promise<IDBDatabase> {
    const opening = this.factory.open(this.databaseName, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    return answer(opening);
  }
}

const STORE = 'tuning';

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

let shared: TuningCache | undefined;

/** IndexedDB in browsers; elsewhere what lasts as long as the process. */
export function defaultTuningCache(): TuningCache {
  shared ??= globalThis.indexedDB ? new IndexedDbTuningCache() : new MemoryTuningCache();
  return shared;
}
