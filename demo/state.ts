import { CARDS } from './cards';
import type { Settings } from './settings';

export const DEFAULTS: Settings = {
  picture: 'butterfly',
  view: 'all',
  topK: 5,
  threshold: 0.4,
  opacity: 0.6,
  instances: false,
  clusters: 4,
  network: CARDS[0].name,
};

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
    clusters: clamp(Math.round(settings.clusters), 2, 8),
  };
}

/** Writes what differs from the defaults, without a new entry in the history. */
export function writeSettings(settings: Settings): void {
  const different = Object.entries(settings).filter(([key, value]) => value !== DEFAULTS[key as keyof Settings]);
  const hash = new URLSearchParams(different.map(([key, value]) => [key, String(value)])).toString();
  history.replaceState(null, '', hash ? `#${hash}` : location.pathname + location.search);
}

function parse(text: string | null, fallback: string | number | boolean): string | number | boolean {
  if (text === null) return fallback;
  if (typeof fallback === 'number') return Number.isFinite(Number(text)) && text !== '' ? Number(text) : fallback;
  if (typeof fallback === 'boolean') return text === 'true';
  return text;
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
