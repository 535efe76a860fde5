const STEPS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowLeft: (at) => at - 1,
  ArrowUp: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  ArrowDown: (at) => at + 1,
  Home: () => 0,
  End: (_, last) => last,
};

/**
 * Makes the buttons of a group one tab stop, within which the arrow keys move (ARIA Authoring Practices, "roving
 * tabindex"). Buttons may join and leave the group.
 */
export function roveIn(group: HTMLElement): void {
  const buttons = (): HTMLElement[] => [...group.querySelectorAll<HTMLElement>('button')];
  const stopAt = (stop: HTMLElement | undefined): void => {
    for (const button of buttons()) button.tabIndex = button === stop ? 0 : -1;
  };
  const settle = (): void => {
    const all = buttons();
    const stop = all.find((button) => button === document.activeElement) ?? all.find(isChosen) ?? all[0];
    stopAt(stop);
  };
  new MutationObserver(settle).observe(group, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['aria-pressed', 'aria-current'],
  });
  settle();
  group.addEventListener('focusin', ({ target }) => stopAt((target as HTMLElement).closest('button') ?? undefined));
  group.addEventListener('keydown', (event) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const step = STEPS[event.key];
    if (!step || at < 0) return;
    event.preventDefault();
    all[Math.min(Math.max(step(at, all.length - 1), 0), all.length - 1)].focus();
  });
}

const isChosen = (button: HTMLElement): boolean =>
  button.getAttribute('aria-pressed') === 'true' || button.hasAttribute('aria-current');
