import { byId } from '../dom';
import { messageOf, say } from '../notices';
import type { Settings } from '../settings';
import type { Exchange, ExchangePage, PlaceId } from './exchange';

const PLACES = ['classify', 'detect', 'segment'] as const;

/** What exchanges networks, downloaded once somebody opens a menu, drops a network on a card, or comes by a link with one. */
export function exchangeLazily(page: ExchangePage) {
  let loading: Promise<Exchange | undefined> | undefined;
  const exchange = (): Promise<Exchange | undefined> => {
    loading ??= import('./exchange')
      .then(({ Exchange }) => new Exchange(page))
      .catch((error: unknown) => {
        loading = undefined;
        say('network', `What exchanges networks could not be loaded: ${messageOf(error)}`, {
          label: 'Try again',
          run: () => void exchange(),
        });
        return undefined;
      });
    return loading;
  };
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('.exchange')) {
    menu.addEventListener('toggle', () => void exchange());
  }
  return {
    /** Takes a file that was dropped on the card of a place; answers whether it was. */
    take(file: File, beside: readonly File[], at: Element | undefined): boolean {
      const place = PLACES.find((id) => at?.closest(`#${id}`));
      if (!place) return false;
      byId(place).querySelector<HTMLDetailsElement>('.exchange')!.open = true;
      void exchange().then((loaded) => loaded?.take(place satisfies PlaceId, file, beside));
      return true;
    },
    /** Puts in what the page's address names. */
    async restore(): Promise<void> {
      if (PLACES.some((id) => page.settings()[id] !== '')) await (await exchange())?.restore();
    },
    /** Another address of the page, as when somebody goes back. */
    follow(before: Settings): void {
      if (PLACES.some((id) => page.settings()[id] !== before[id])) {
        void exchange().then((loaded) => loaded?.follow(before));
      }
    },
  };
}
