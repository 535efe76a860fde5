import type { WebGPUUnavailableError } from '../src';
import { byId, make } from './dom';

/** The subject of a notice: a newer one of the same kind replaces it. */
export type NoticeKind = 'gpu' | 'picture' | 'weights' | 'answer' | 'network';

const notices = new Map<NoticeKind, HTMLElement>();

/** Says something over the page, wherever it is scrolled to, with a button if something can be done about it here. */
export function say(
  kind: NoticeKind,
  message: string,
  action?: { readonly label: string; readonly run: () => void },
): void {
  const text = make('p', {}, message);
  const button = (label: string, run?: () => void): HTMLElement => {
    const made = make('button', { type: 'button' }, label);
    made.addEventListener('click', () => {
      quiet(kind);
      run?.();
    });
    return made;
  };
  text.append(...(action ? [button(action.label, action.run)] : []), button('Close'));
  notices.set(kind, text);
  refresh();
}

export function quiet(...kinds: readonly NoticeKind[]): void {
  for (const kind of kinds) notices.delete(kind);
  refresh();
}

function refresh(): void {
  const box = byId('notice');
  box.replaceChildren(...notices.values());
  box.hidden = notices.size === 0;
}

/** Advice for each step at which the search for a GPU can fail. */
const ADVICE: Readonly<Record<WebGPUUnavailableError['step'], string>> = {
  'insecure-context': 'Open the page over https, or on localhost.',
  'no-api': 'A current Chrome, Edge, Firefox or Safari has it.',
  'no-adapter': 'Switch on hardware acceleration in the browser’s settings, or update the graphics driver.',
  limits: 'A newer graphics driver may offer more.',
  'no-device': 'Close other pages that use the GPU and reload, or update the graphics driver.',
};

/** Which step failed, what it said, what to do, and how the page goes on. */
export function withoutGpu({ step, message }: WebGPUUnavailableError): string {
  return `No WebGPU (${step}): ${message}. ${ADVICE[step]} Meanwhile the page answers on the CPU, more slowly.`;
}

/** Errors of browsers for a module that does not come: Chromium's, Firefox's, Safari's. */
const MISSING_PART = /dynamically imported module|Importing a module script failed/;

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return MISSING_PART.test(error.message)
    ? 'A part of this page could not be fetched. Check the connection, then try again.'
    : error.message;
}
