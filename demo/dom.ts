/** The element with an id, which the page is known to have. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as T;
}

type Child = Node | string;

/** Makes an element: `make('li', { class: 'thing' }, 'text')`. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** Shows a slider's value beside it, and calls back at once and on every move. */
export function onSlider(
  id: string,
  format: (value: number) => string,
  onChange: (value: number) => void,
): HTMLInputElement {
  const input = byId<HTMLInputElement>(id);
  const output = input.parentElement!.querySelector('output')!;
  const show = (): void => {
    output.textContent = format(input.valueAsNumber);
  };
  input.addEventListener('input', () => {
    show();
    onChange(input.valueAsNumber);
  });
  input.addEventListener('sync', show);
  show();
  return input;
}

/** Sets a slider from code. */
export function setSlider(id: string, value: number): void {
  const input = byId<HTMLInputElement>(id);
  input.valueAsNumber = value;
  input.dispatchEvent(new Event('sync'));
}

/** Calls back once, when an element is scrolled into view, or as near to it as a margin. */
export function whenSeen(element: Element, onSeen: () => void, rootMargin = '0px'): void {
  const observer = new IntersectionObserver(
    (changes) => {
      // A busy page is told of several at once, the first that the element was out of sight.
      if (!changes.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      onSeen();
    },
    { rootMargin },
  );
  observer.observe(element);
}

export const percent = (value: number): string =>
  value > 0 && value < 0.005 ? '< 1 %' : `${Math.round(value * 100)} %`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
/** Two digits, more before the point. */
export const digits = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toPrecision(2));
export const milliseconds = (ms: number): string => (ms >= 100 ? `${ms.toFixed(0)} ms` : `${ms.toPrecision(3)} ms`);

/** `1234567` as `1.23 M`. */
export function quantity(value: number): string {
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    if (value >= size) return `${(value / size).toPrecision(3)} ${unit}`;
  }
  return String(value);
}

/** The 2-D context of a canvas after giving it a size; the settings are those of the first call. */
export function sized(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  settings?: CanvasRenderingContext2DSettings,
): CanvasRenderingContext2D {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return canvas.getContext('2d', settings)!;
}

/** The pixel of a canvas under the pointer, where CSS shows the canvas whole within its box (`object-fit: contain`). */
export function pixelUnder(canvas: HTMLCanvasElement, event: PointerEvent): [x: number, y: number] {
  const box = canvas.getBoundingClientRect();
  const scale = Math.min(box.width / canvas.width, box.height / canvas.height);
  const at = (client: number, start: number, size: number, pixels: number): number => {
    const pixel = Math.floor((client - start - (size - pixels * scale) / 2) / scale);
    return Math.min(Math.max(pixel, 0), pixels - 1);
  };
  return [at(event.clientX, box.left, box.width, canvas.width), at(event.clientY, box.top, box.height, canvas.height)];
}

/** Scrolls to the stage when what happens there would be out of sight, as it is on phones. */
export function stageIntoView(): void {
  const { top, bottom, height } = byId('hero').getBoundingClientRect();
  const seen = Math.min(bottom, innerHeight) - Math.max(top, 0);
  if (seen < height / 2) (byId('hero').closest('#answers') ?? byId('shown')).scrollIntoView();
}
