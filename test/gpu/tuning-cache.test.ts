import { expect, test } from 'vitest';
import { IndexedDbTuningCache } from '../../src/gpu/tuning-cache';

const choice = { kernel: 'conv2d-pointwise', setting: '4×4', timeMs: 1 };

/** A request that succeeds in the next task. */
function request<T>(result: T) {
  const made = { result, onsuccess: () => {} };
  setTimeout(() => made.onsuccess());
  return made;
}

test('a database that the browser has closed is opened again', async () => {
  let opened = 0;
  const factory = {
    open() {
      let closed = false;
      // When a page's data are cleared its databases are closed under it.
      const closeSoon = ++opened === 1;
      return request({
        transaction() {
          if (closed) throw new DOMException('The database connection is closing.', 'InvalidStateError');
          closed = closeSoon;
          return { objectStore: () => ({ get: () => request(choice) }) };
        },
      });
    },
  } as unknown as IDBFactory;
  const cache = new IndexedDbTuningCache('fovea', factory);
  expect(await cache.get('a')).toEqual(choice);
  await expect(cache.get('a')).rejects.toThrow('closing');
  expect(await cache.get('a')).toEqual(choice);
  expect(opened).toBe(2);
});
