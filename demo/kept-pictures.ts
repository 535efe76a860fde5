/** Pictures of the user's own, kept by the browser so that a reload and the history find them again. */
export interface KeptPicture {
  readonly file: Blob;
  readonly credit: string;
}

const STORE = 'pictures';
/** The latest ones, as a photograph has megabytes. */
const MOST = 8;
const PREFIX = 'own-';

export const isKeptName = (name: string): boolean => name.startsWith(PREFIX);

/** A name for a picture that is to be kept. Names sort by their time. */
export const newKeptName = (): string => PREFIX + Date.now().toString(36);

/** Keeps a picture under a name; where the browser refuses, as some do in private windows, it is not kept. */
export async function keepPicture(name: string, picture: KeptPicture): Promise<void> {
  try {
    const store = await openStore('readwrite');
    store.put(picture, name);
    const names = await done(store.getAllKeys());
    for (const old of names.slice(0, -MOST)) store.delete(old);
  } catch {
    // A reload will say that the picture is gone.
  }
}

/** The picture of a name, or undefined where this browser keeps none. */
export async function keptPicture(name: string): Promise<KeptPicture | undefined> {
  try {
    return (await done((await openStore('readonly')).get(name))) as KeptPicture | undefined;
  } catch {
    return undefined;
  }
}

async function openStore(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  const opening = indexedDB.open('fovea-page', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await done(opening);
  const transaction = database.transaction(STORE, mode);
  transaction.oncomplete = () => database.close();
  return transaction.objectStore(STORE);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
