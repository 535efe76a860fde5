import { CARDS } from './cards';
import type { Settings } from './settings';

export const DEFAULTS: Settings = {
  picture: 'butterfly',
  classify: '',
  detect: '',
  segment: '',
  view: 'all',
  topK: 5,
  threshold: 0.4,
  opacity: 0.6,
  reveal: 0,
  instances: false,
  clusters: 4,
  network: CARDS[0].name,
  fused: true,
  layer: '',
  channel: 0,
  pixel: '',
  edit: '',
  lesson: '',
};

/** Settings whose change is a step that the browser's Back undoes; the others change in place. */
const STEPS: readonly (keyof Settings)[] = ['picture', 'classify', 'detect', 'segment', 'network', 'layer', 'lesson'];

/** Whether an address holds settings: `#answers` only leads to a part of the page. */
export function holdsSettings(hash: string = location.hash): boolean {
  const given = [...new URLSearchParams(hash.replace(/^#/, '')).keys()];
  return given.length === 0 || given.some((key) => key in DEFAULTS);
}

/** Reads the address; what is missing or makes no sense is the default. */
export function readSettings(hash: string = location.hash): Settings {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const entries = Object.entries(DEFAULTS).map(([key, fallback]) => [key, parse(given.get(key), fallback)]);
  const settings = Object.fromEntries(entries) as Settings;
  const tasks = CARDS.map(({ name }) => name);
  const oneOf = (value: string, allowed: readonly string[], fallback: string): string =>
    allowed.includes(value) ? value : fallback;
  return {
    ...settings,
    view: oneOf(settings.view, ['all', ...tasks], DEFAULTS.view),
    network: oneOf(settings.network, tasks, DEFAULTS.network),
    topK: clamp(Math.round(settings.topK), 1, 10),
    threshold: clamp(settings.threshold, 0.05, 0.95),
    opacity: clamp(settings.opacity, 0, 1),
    reveal: clamp(settings.reveal, 0, 1),
    clusters: clamp(Math.round(settings.clusters), 2, 8),
    channel: Math.max(0, Math.round(settings.channel)),
    lesson: /^[1-8]$/.test(settings.lesson) ? settings.lesson : '',
    pixel: /^\d+,\d+$/.test(settings.pixel) ? settings.pixel : '',
  };
}

/** The address of the page with these settings, of which it holds those that differ from the defaults. */
export function addressOf(settings: Settings): string {
  const different = Object.entries(settings).filter(([key, value]) => value !== DEFAULTS[key as keyof Settings]);
  const hash = new URLSearchParams(different.map(([key, value]) => [key, String(value)])).toString();
  return location.pathname + location.search + (hash && `#${hash}`);
}

/** Puts settings into the address: with an entry in the history where a step was made from those that it holds. */
export function writeSettings(settings: Settings): void {
  const before = readSettings();
  const isStep = history.state?.isPage === true && STEPS.some((key) => before[key] !== settings[key]);
  const write = isStep ? history.pushState : history.replaceState;
  write.call(history, { isPage: true }, '', addressOf(settings));
}

function parse(text: string | null, fallback: string | number | boolean): string | number | boolean {
  if (text === null) return fallback;
  if (typeof fallback === 'number') return Number.isFinite(Number(text)) && text !== '' ? Number(text) : fallback;
  if (typeof fallback === 'boolean') return text === 'true';
  return text;
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
