import type { Picture } from '../src';
import { sha256 } from './digest';
import { byId, stageIntoView } from './dom';
import { fillGallery, type Photograph } from './gallery';
import { isKeptName, keptPicture } from './kept-pictures';
import photographs from './photographs.json';
import { DRAWN_SAMPLES, drawSample } from './samples';

/** A picture with where it came from. */
export interface ChosenPicture {
  readonly picture: Picture;
  /** For the address: a sample's name, a web address, or what a picture of the user's own is kept as; empty for a new one. */
  readonly name: string;
  readonly credit: string;
  /** Where a sample is published, and what its bytes must be. */
  readonly origin?: { readonly url: string; readonly sha256: string };
}

export interface PictureHandlers {
  readonly onPicture: (chosen: ChosenPicture) => void;
  /**
   * An .onnx file, and others that came with it, in which it may keep its weights.
   *
   * @param at what it was dropped on
   */
  readonly onNetwork: (file: File, beside: readonly File[], at?: Element) => void;
  readonly onVideo: (file: File) => void;
  readonly onError: (message: string) => void;
}

/** Hosts from which the page's content security policy lets pictures in, beside its own. */
const PICTURE_HOSTS = ['raw.githubusercontent.com'];

/** Kinds of pictures that no browser, or only one, decodes. */
const UNKNOWN_KINDS = /\.(tiff?|hei[cf]|raw|dng|psd)$/i;

/** Wires every way of getting a picture in, but the camera. */
export function setUpPictures(handlers: PictureHandlers): void {
  const file = byId<HTMLInputElement>('file');
  byId('choose').addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    takeFiles([...(file.files ?? [])], handlers);
    file.value = '';
  });
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dragging');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) document.body.classList.remove('dragging');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dragging');
    const dropped = [...(event.dataTransfer?.files ?? [])];
    const address = event.dataTransfer?.getData('text/uri-list');
    if (dropped.length > 0) takeFiles(dropped, handlers, event.target instanceof Element ? event.target : undefined);
    else if (address) void takeAddress(address, handlers);
  });
  document.addEventListener('paste', (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
    if (pasted) takeFile(pasted, handlers);
  });
  byId('paste').addEventListener('click', () => void pasteFromClipboard(handlers));
  byId('url-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void takeAddress(byId<HTMLInputElement>('url').value, handlers);
  });
  fillGallery((name) => void pictureByName(name, handlers));
}

/** What chooses another picture, by the event that says so. */
const CHOICES = [
  ['click', '#gallery button, #camera, #paste'],
  ['change', '#file, #cameras'],
  ['submit', '#url-form'],
] as const;

/** Brings the stage into view when another picture is chosen below it. */
export function followChoice(): void {
  for (const [type, controls] of CHOICES) {
    byId('picture').addEventListener(type, ({ target }) => {
      if (!(target instanceof Element && target.closest(controls))) return;
      stageIntoView();
    });
  }
}

/** A picture by what the page's address calls it: a sample or a web address. */
export async function pictureByName(name: string, handlers: PictureHandlers): Promise<void> {
  const drawn = DRAWN_SAMPLES.find((sample) => sample.name === name);
  const photograph = photographs.find(({ url }) => url === name);
  if (drawn) take({ picture: drawSample(drawn), name, credit: 'Drawn by this page' }, handlers);
  else if (photograph) await takePhotograph(photograph, handlers);
  else if (isKeptName(name)) await takeKept(name, handlers);
  else if (name) await takeAddress(name, handlers);
}

export const isOnnx = (name: string): boolean => /\.onnx$/i.test(name);

function takeFiles(files: readonly File[], handlers: PictureHandlers, at?: Element): void {
  const network = files.find(({ name }) => isOnnx(name));
  if (network) {
    handlers.onNetwork(
      network,
      files.filter((file) => file !== network),
      at,
    );
  } else if (files.length > 0) {
    takeFile(files[0], handlers);
  }
}

function takeFile(file: File, handlers: PictureHandlers): void {
  if (UNKNOWN_KINDS.test(file.name)) {
    const [, kind] = UNKNOWN_KINDS.exec(file.name)!;
    handlers.onError(
      `${file.name} is a ${kind.toUpperCase()} file, which browsers do not decode. Save it as JPEG or PNG.`,
    );
  } else if (file.type.startsWith('video/')) {
    wishes++;
    handlers.onVideo(file);
  } else if (file.type.startsWith('image/')) {
    take({ picture: file, name: '', credit: file.name }, handlers);
  } else {
    handlers.onError(
      `${file.name} is neither a picture, a video nor an .onnx file (its type is ${file.type || 'unknown'}).`,
    );
  }
}

/** A picture of the user's own, from an earlier visit or an earlier step of this one. */
async function takeKept(name: string, handlers: PictureHandlers): Promise<void> {
  const wish = ++wishes;
  const kept = await keptPicture(name);
  if (wish !== wishes) return;
  if (kept) take({ picture: kept.file, name, credit: kept.credit }, handlers);
  else {
    handlers.onError(
      'The picture of this link was somebody’s own. It is kept only in the browser where it was chosen, and there only the latest are. Choose it again.',
    );
  }
}

async function pasteFromClipboard(handlers: PictureHandlers): Promise<void> {
  try {
    for (const item of await navigator.clipboard.read()) {
      const type = item.types.find((t) => t.startsWith('image/'));
      if (type) {
        take({ picture: await item.getType(type), name: '', credit: 'Pasted' }, handlers);
        return;
      }
    }
    handlers.onError('There is no picture in the clipboard. Copy one, then paste.');
  } catch {
    handlers.onError('The browser does not let this page read the clipboard. Press Ctrl+V or ⌘V instead.');
  }
}

async function takeAddress(address: string, handlers: PictureHandlers): Promise<void> {
  const { onError } = handlers;
  if (address.trim() === '') {
    onError('Enter the web address of a picture.');
    return;
  }
  let url: URL;
  try {
    url = new URL(address, location.href);
  } catch {
    onError(`“${address}” is no web address.`);
    return;
  }
  if (url.host !== location.host && !PICTURE_HOSTS.includes(url.host)) {
    onError(
      `For safety this page loads pictures from ${PICTURE_HOSTS.join(', ')} only. Save the picture and drop it here.`,
    );
    return;
  }
  await takeFetched(url.href, handlers, async (picture) => ({ picture, name: url.href, credit: url.href }));
}

async function takePhotograph({ url, sha256: digest, source, licence }: Photograph, handlers: PictureHandlers) {
  await takeFetched(url, handlers, async (picture) => {
    if ((await sha256(picture)) !== digest) throw new Error('it is not the picture that was expected');
    return { picture, name: url, credit: `${source}, ${licence}`, origin: { url, sha256: digest } };
  });
}

/** Counts what was asked for: what arrives after something else was chosen comes too late. */
let wishes = 0;

function take(chosen: ChosenPicture, { onPicture }: PictureHandlers): void {
  wishes++;
  onPicture(chosen);
}

async function takeFetched(
  url: string,
  handlers: PictureHandlers,
  check: (picture: Blob) => Promise<ChosenPicture>,
): Promise<void> {
  const wish = ++wishes;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const chosen = await check(await response.blob());
    if (wish === wishes) take(chosen, handlers);
  } catch (error) {
    if (wish !== wishes) return;
    handlers.onError(`${url} could not be loaded: ${error instanceof Error ? error.message : error}`);
  }
}
