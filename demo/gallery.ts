import { byId, make } from './dom';
import photographs from './photographs.json';
import { roveIn } from './roving';
import { DRAWN_SAMPLES, drawSample, SAMPLE_SIZE } from './samples';

export type Photograph = (typeof photographs)[number];

/** Fills the gallery with the drawn samples and, online, with photographs. */
export function fillGallery(onChoose: (name: string) => void): void {
  const gallery = byId('gallery');
  for (const sample of DRAWN_SAMPLES) {
    const thumbnail = drawSample(sample, 1);
    thumbnail.setAttribute('aria-hidden', 'true');
    const button = make('button', { type: 'button', 'data-name': sample.name }, thumbnail, sample.name);
    button.addEventListener('click', () => onChoose(sample.name));
    gallery.append(make('li', {}, button));
  }
  if (navigator.onLine) for (const photograph of photographs) addPhotograph(gallery, photograph, onChoose);
  roveIn(gallery);
}

/** Marks the sample of a name as chosen, and no other. */
export function markChosen(name: string): void {
  for (const button of byId('gallery').querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(button.dataset.name === name));
  }
}

/** A photograph joins the gallery once it has arrived; without a network the gallery stays as it is. */
function addPhotograph(gallery: HTMLElement, photograph: Photograph, onChoose: (name: string) => void): void {
  const [width, height] = SAMPLE_SIZE;
  const image = make('img', { src: photograph.url, alt: '', width, height, crossorigin: 'anonymous', loading: 'lazy' });
  const title = `${photograph.source}, ${photograph.licence}`;
  const button = make('button', { type: 'button', title, 'data-name': photograph.url }, image, photograph.label);
  button.addEventListener('click', () => onChoose(photograph.url));
  const item = make('li', {}, button);
  gallery.append(item);
  image.addEventListener('error', () => item.remove());
}
