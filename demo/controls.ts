import { CARDS } from './cards';
import { byId, onSlider, percent, setSlider } from './dom';
import type { Settings } from './settings';

/** Sliders that only change how answers are shown. */
const SLIDERS = [
  ['top-k', 'topK', String],
  ['threshold', 'threshold', percent],
  ['opacity', 'opacity', percent],
] as const;

const viewRadios = (): NodeListOf<HTMLInputElement> => document.querySelectorAll('input[name=view]');

/** Wires the controls beside the answers. */
export function setUpControls(change: (changes: Partial<Settings>) => void): void {
  for (const [id, key, format] of SLIDERS) onSlider(id, format, (value) => change({ [key]: value }));
  onSlider('clusters', String, (clusters) => change({ clusters }));
  const instances = byId<HTMLInputElement>('instances');
  instances.addEventListener('change', () => change({ instances: instances.checked }));
  const reveal = byId<HTMLInputElement>('reveal');
  reveal.addEventListener('input', () => change({ reveal: reveal.valueAsNumber }));
  for (const radio of viewRadios()) radio.addEventListener('change', () => change({ view: radio.value }));
}

/** Puts the controls where the settings are. */
export function showControls(settings: Settings): void {
  for (const [id, key] of SLIDERS) setSlider(id, settings[key]);
  setSlider('clusters', settings.clusters);
  byId<HTMLInputElement>('instances').checked = settings.instances;
  for (const radio of viewRadios()) radio.checked = radio.value === settings.view;
  byId<HTMLInputElement>('reveal').valueAsNumber = settings.reveal;
  byId('hero').style.setProperty('--reveal', String(settings.reveal));
  byId('split').hidden = settings.reveal === 0 || settings.reveal === 1;
  byId('answers').dataset.view = settings.view;
  for (const { name } of CARDS) byId(name).hidden = settings.view !== 'all' && settings.view !== name;
}
