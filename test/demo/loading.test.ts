import { expect, test, vi } from 'vitest';
import { whenSeen } from '../../demo/dom';
import { together } from '../../demo/loading';

test('downloads have a whole once each has told how large it is', () => {
  expect(together([{ loaded: 3, total: 10 }], 2)).toEqual({ loaded: 3, total: undefined });
  const both = [
    { loaded: 3, total: 10 },
    { loaded: 5, total: 20 },
  ];
  expect(together(both, 2)).toEqual({ loaded: 8, total: 30 });
  // A server need not tell: then there is no share of the whole, rather than one above 1.
  expect(together([both[0], { loaded: 500, total: undefined }], 2)).toEqual({ loaded: 503, total: undefined });
});

test('an element that came into sight while the page was busy is seen, once', () => {
  let tell: (changes: readonly { isIntersecting: boolean }[]) => void = () => {};
  const disconnect = vi.fn();
  class FakeObserver {
    constructor(callback: typeof tell) {
      tell = callback;
    }
    observe(): void {}
    disconnect = disconnect;
  }
  vi.stubGlobal('IntersectionObserver', FakeObserver);
  const onSeen = vi.fn();
  whenSeen({} as Element, onSeen);
  tell([{ isIntersecting: false }]);
  expect(onSeen).not.toHaveBeenCalled();
  tell([{ isIntersecting: false }, { isIntersecting: true }]);
  expect(onSeen).toHaveBeenCalledOnce();
  expect(disconnect).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});
