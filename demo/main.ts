import { Answering, type AnyCard, loadNetworks, type Place } from './answering';
import { CARDS } from './cards';
import type { Answers } from './cards/card';
import { detect } from './cards/detect';
import { segment, setUpHover } from './cards/segment';
import { setUpControls, showControls } from './controls';
import { type Costing, showCosts } from './costs';
import { byId, make, megabytes, milliseconds, sized, whenSeen } from './dom';
import { exchangeLazily } from './exchange/lazily';
import { markChosen } from './gallery';
import { findGpu, nameOf } from './gpu';
import { keepPicture, newKeptName } from './kept-pictures';
import { LessonPanel } from './lessons/panel';
import { Lid } from './lid/lid';
import { Live } from './live';
import { loadModels, type Models, openCpuRunner } from './loading';
import { lookAt } from './looking';
import { messageOf, quiet, say } from './notices';
import type { OwnNetworkPanel } from './own-network/panel';
import { type ChosenPicture, followChoice, type PictureHandlers, pictureByName, setUpPictures } from './pictures';
import type { Settings } from './settings';
import { bitmapPixels, PIXELS_SIDE } from './shrink';
import { DEFAULTS, holdsSettings, readSettings, writeSettings } from './state';
import { setUpTaking } from './take';
import type { WhyPanel } from './why/panel';

let settings = readSettings();
let models: Models | undefined;
/** Whether weights have begun to arrive, and no answer has: shaders are compiled meanwhile. */
let isCompiling = false;
/** Counts the pictures that were chosen: one that was decoded after another was chosen comes too late. */
let choices = 0;

const answering = new Answering({ show, status, done, busy, failed: (error) => say('answer', messageOf(error)) });
const live = new Live({
  networks: () => answering.networks,
  settings: () => settings,
  started: showCamera,
  stopped: (last) => void choose(last),
  show: (answers, video) => {
    for (const [card, result] of answers) {
      card.list?.(result, settings, answering.labelsOf(card));
      card.paintFrame?.(result, { width: video.videoWidth, height: video.videoHeight }, settings);
    }
    void showOwn(video);
  },
});
/** Resolves once the page's own networks are there. */
const ready = Promise.withResolvers<void>();
const exchange = exchangeLazily({
  networks: () => answering.networks,
  ready: ready.promise,
  settings: () => settings,
  change,
  put,
});
const handlers: PictureHandlers = {
  onPicture: (chosen) => void choose(chosen),
  onNetwork: (file, beside, at) => {
    quiet('picture');
    if (exchange.take(file, beside, at)) return;
    byId('own').querySelector('details')!.open = true;
    byId('own').scrollIntoView();
    void ownNetworks().then((panel) => panel?.takeFile(file, beside));
  },
  onVideo: (file) => {
    choices++;
    void live.play(file);
  },
  onError: sayNoPicture,
};
const lid = new Lid({ settings: () => settings, change: (changes) => change(changes) });
const gpu = findGpu(async () => {
  if (!live.isOn) await answering.again();
  return answering.networks !== undefined;
});
/** The panel for networks of the user's own, downloaded when somebody comes near it; undefined where that failed. */
let own: Promise<OwnNetworkPanel | undefined> | undefined;
/** What asks networks for their reasons, once somebody has come near it. */
let why: WhyPanel | undefined;
/** Whether a network of the user's own is looking at a frame of the camera. */
let ownIsLooking = false;

setUpPictures(handlers);
followChoice();
setUpControls(change);
showControls(settings);
setUpHover(() => answering.answers);
setUpTaking({
  answers: () => answering.answers,
  networks: () => answering.networks,
  settings: () => settings,
  results: lastResult,
});
// Lines and letters are as wide on the page however large the stage is.
new ResizeObserver(() => {
  if (answering.answers && !live.isOn)
    showCards(
      answering.answers,
      answering.cards.filter(({ redraws }) => redraws),
    );
}).observe(byId('hero'));
whenSeen(byId('own'), () => void ownNetworks(), '600px');
whenSeen(byId('why'), async () => {
  const { WhyPanel } = await import('./why/panel');
  why = new WhyPanel({
    answers: () => answering.answers,
    networks: () => answering.networks,
    settings: () => settings,
  });
  why.follow();
});
// On a phone the page is long enough without them.
const isWide = matchMedia('(min-width: 62rem)').matches;
for (const fold of document.querySelectorAll<HTMLDetailsElement>('.fold')) fold.open = isWide;
const lidBody = byId<HTMLDetailsElement>('lid-body');
if (settings.layer !== '') lidBody.open = true;
whenSeen(byId('lid'), () => {
  const begin = (): void => {
    if (lidBody.open) lid.begin();
  };
  lidBody.addEventListener('toggle', begin);
  begin();
});
whenSeen(byId('benchmark'), () => {
  const shown = import('./benchmark').then(({ showBenchmark }) => showBenchmark());
  shown.catch((error: unknown) => {
    byId('benchmark-about').textContent = `The measurements could not be loaded: ${messageOf(error)}`;
  });
});
const lessons = new LessonPanel({
  settings: () => settings,
  change,
  ladder: (place) => void import('./lessons/ladder').then(({ showLadder }) => showLadder(place, gpu)),
});
void lessons.follow();
for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="#"]:not([href*="="])')) {
  link.addEventListener('click', (event) => {
    lessons.open('');
    // The address holds the settings: the part that a link leads to does not take their place.
    event.preventDefault();
    const part = byId(link.hash.slice(1));
    for (const fold of part.querySelectorAll<HTMLDetailsElement>('.fold')) fold.open = true;
    part.tabIndex = -1;
    part.focus({ preventScroll: true });
    part.scrollIntoView();
  });
}
window.addEventListener('hashchange', () => {
  // A link to a part of the page changes no settings.
  if (!holdsSettings()) return;
  const before = settings;
  settings = readSettings();
  showControls(settings);
  if (answering.answers) show(answering.answers);
  lid.follow();
  void lessons.follow();
  exchange.follow(before);
  if (settings.picture !== before.picture) void pictureByName(settings.picture, handlers);
});
await pictureByName(settings.picture, handlers);
await start();
// Last, so that what it keeps for later does not slow the first answers down.
if (import.meta.env.PROD) void navigator.serviceWorker?.register('./sw.js');

/** Loads the weights, and answers what was chosen meanwhile. */
async function start(): Promise<void> {
  const cancelling = new AbortController();
  const progress = byId('progress');
  const cancel = byId<HTMLButtonElement>('cancel');
  cancel.onclick = () => cancelling.abort();
  try {
    progress.hidden = false;
    cancel.hidden = false;
    models ??= await loadModels(gpu, showProgress, cancelling.signal);
    showCosts(costings(), {});
    cancel.hidden = true;
    byId('progress-text').textContent = (await gpu) ? 'Compiling shaders …' : 'Preparing the networks …';
    const runner = answering.networks?.runner ?? (await gpu) ?? (await openCpuRunner());
    answering.networks = await loadNetworks(runner, models);
    byId('adapter').textContent = nameOf(runner);
    ready.resolve();
    await exchange.restore();
    // The list of layers is made while the first network computes.
    setTimeout(() => {
      lid.open(answering.networks!.places, runner).catch((error: unknown) => say('weights', messageOf(error)));
    });
  } catch (error) {
    const message = cancelling.signal.aborted ? 'The download was cancelled.' : messageOf(error);
    say('weights', message, { label: 'Try again', run: () => void start() });
    if (isCompiling && !live.isOn) void answering.again();
    isCompiling = false;
    return;
  } finally {
    progress.hidden = true;
  }
  isCompiling = false;
  if (live.isOn) await live.begin();
  else await answering.again();
}

function showProgress({ loaded, total }: { loaded: number; total: number | undefined }): void {
  isCompiling = true;
  const bar = byId('progress').querySelector('progress')!;
  if (total) bar.value = loaded / total;
  byId('progress-text').textContent = total ? `${(loaded / 1e6).toFixed(1)} of ${megabytes(total)}` : megabytes(loaded);
}

/** Decodes a picture, and puts it in the place of the one before; one that cannot be decoded changes nothing. */
async function choose(chosen: ChosenPicture): Promise<void> {
  live.stop();
  quiet('picture', 'answer');
  const choice = ++choices;
  try {
    const looked = await lookAt(chosen.picture, chosen.credit);
    if (choice !== choices) return;
    const name = chosen.name || newKeptName();
    if (!chosen.name) void keep(name, chosen, looked.bitmap);
    byId('stage-note').hidden = true;
    change({ picture: name });
    markChosen(name);
    await answering.look({ ...looked, chosen });
  } catch (error) {
    if (choice === choices) sayNoPicture(messageOf(error));
  }
}

/** Keeps a picture of the user's own for the next visit; a frame of the camera as the file that it is not yet. */
async function keep(name: string, { picture, credit }: ChosenPicture, bitmap: ImageBitmap): Promise<void> {
  if (picture instanceof Blob) return keepPicture(name, { file: picture, credit });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
  return keepPicture(name, { file: await canvas.convertToBlob(), credit });
}

/** Says why there is no picture: in its place, or over the page where another one is shown. */
function sayNoPicture(message: string): void {
  if (answering.picture || live.isOn) {
    say('picture', message);
    return;
  }
  const sample = make('button', { type: 'button', class: 'primary' }, 'Show a sample');
  sample.addEventListener('click', () => void pictureByName(DEFAULTS.picture, handlers));
  byId('stage-note').replaceChildren(make('p', {}, message), sample);
  byId('stage-note').hidden = false;
}

/** The camera runs: what was known of the picture is gone. */
function showCamera(): void {
  choices++;
  markChosen('');
  byId('stage-note').hidden = true;
  byId('status').textContent = '';
  for (const time of document.querySelectorAll('.time[data-task]')) time.textContent = '';
}

/** A link to where a sample is published, and the beginning of its checksum, all of it where one points. */
function originText({ url, sha256 }: NonNullable<ChosenPicture['origin']>): (HTMLElement | string)[] {
  const link = make('a', { href: url, rel: 'noreferrer', target: '_blank' }, 'original');
  return [' · ', link, ' · ', make('span', { title: sha256 }, `SHA-256 ${sha256.slice(0, 8)}…`)];
}

/** Shows what is known of a picture: all of it, or the answer to one task that has just come. */
function show(answers: Answers, task?: string): void {
  // A video runs in the picture's place, and its answers are shown.
  if (live.isOn) return;
  if (task === undefined) {
    const { chosen } = answers.picture;
    sized(byId<HTMLCanvasElement>('preview'), answers.bitmap.width, answers.bitmap.height).drawImage(
      answers.bitmap,
      0,
      0,
    );
    byId('credit').replaceChildren(chosen.credit, ...(chosen.origin ? originText(chosen.origin) : []));
    void own?.then((panel) => panel?.look(answers.pixels));
  }
  const wanted = answering.cards.filter(
    ({ name, uses }) =>
      task === undefined || name === task || (task === detect.name && uses(settings).includes('threshold')),
  );
  showCards(answers, wanted);
  for (const element of document.querySelectorAll<HTMLElement>('.time[data-task]')) {
    const time = answers.timesMs[element.dataset.task!];
    element.textContent = time === undefined ? '' : milliseconds(time);
  }
  if (models) showCosts(costings(), answers.timesMs);
  if (task === segment.name && answers.mask) {
    const { mask } = answers;
    void import('./classical/comparison').then(({ showLearned }) => showLearned(mask));
  }
}

function showCards(answers: Answers, wanted: readonly AnyCard[]): void {
  for (const card of wanted) {
    card.list?.(answers.results[card.name], settings, answering.labelsOf(card), answers);
    card.paint?.(answers, settings);
  }
  why?.follow();
  // For tests and scripts.
  byId('last-result').textContent = JSON.stringify(lastResult(answers));
}

/** The picture is answered, or there is nothing yet to answer it: the slower parts of the page look at it. */
async function done({ pixels, results }: Answers): Promise<void> {
  const isAnswered = Object.keys(results).length > 0;
  if (isAnswered) lid.look(pixels);
  const [{ showClassical }, engine] = await Promise.all([import('./classical/comparison'), gpu]);
  // Their shaders would delay the first answers, after which this is called again.
  if (isAnswered || !isCompiling) await showClassical(engine, pixels, settings.clusters);
}

/** Says how far the answer to a picture is. While a video runs in its place, the line is the video's. */
function status(text: string): void {
  if (!live.isOn) byId('status').textContent = text;
}

function busy(on: boolean): void {
  if (on) byId('answers').setAttribute('aria-busy', 'true');
  else byId('answers').removeAttribute('aria-busy');
}

/** The answers in numbers, once all tasks have answered; until then `null`. */
function lastResult({ results, timesMs }: Answers): unknown {
  const { networks } = answering;
  const { cards } = answering;
  if (!networks || !cards.every(({ name }) => name in results)) return null;
  const summaries = cards.map((card) => {
    const { name, summary } = card;
    return [name, summary(results[name], settings, answering.labelsOf(card))] as const;
  });
  return { adapter: nameOf(networks.runner), ...Object.fromEntries(summaries), timesMs };
}

/** Changes settings, the page's address, and those parts of the page that show them. */
function change(changes: Partial<Settings>): void {
  settings = { ...settings, ...changes };
  writeSettings(settings);
  const { answers } = answering;
  const isChanged = (key: keyof Settings): boolean => key in changes;
  if (answers && !live.isOn) {
    const concerned = answering.cards.filter(({ uses }) => uses(settings).some(isChanged));
    if (concerned.length > 0) showCards(answers, concerned);
    if (isChanged('clusters')) {
      void import('./classical/comparison').then(async ({ showKMeans }) =>
        showKMeans(await gpu, answers.pixels, settings.clusters),
      );
    }
  }
  if (isChanged('view') || isChanged('reveal')) showControls(settings);
  if (isChanged('view') && live.isOn) live.refresh();
}

/** Lets another network answer in one of the three places. */
function put(id: string, place: Place): void {
  const { runner, places } = answering.networks!;
  const before = places[id];
  answering.networks = { runner, places: { ...places, [id]: place } };
  live.refresh();
  if (before.model !== models?.[id]) answering.retire(before.task);
  void lid.open(answering.networks.places, runner);
  if (live.isOn) showCosts(costings(), {});
  else void answering.again();
}

/** The networks on the page, with what is known of their costs. */
function costings(): Costing[] {
  const places = Object.entries(answering.networks?.places ?? {});
  if (places.length > 0) {
    return places.map(([id, { card, model }]) => ({ card, model, isOwn: model === models?.[id] }));
  }
  return CARDS.map((card) => ({ card, model: models![card.name], isOwn: true }));
}

function ownNetworks(): Promise<OwnNetworkPanel | undefined> {
  own ??= import('./own-network/panel')
    .then(({ OwnNetworkPanel }) => {
      const panel = new OwnNetworkPanel(gpu, (network) => lid.take(network));
      if (answering.answers) void panel.look(answering.answers.pixels);
      return panel;
    })
    .catch((error: unknown) => {
      own = undefined;
      say('network', `What runs networks of your own could not be loaded: ${messageOf(error)}`, {
        label: 'Try again',
        run: () => void ownNetworks(),
      });
      return undefined;
    });
  return own;
}

/** A network of the user's own looks at the camera too, at its own pace. */
async function showOwn(video: HTMLVideoElement): Promise<void> {
  if (ownIsLooking || !own) return;
  ownIsLooking = true;
  try {
    const frame = await createImageBitmap(video);
    await (await own)?.look(bitmapPixels(frame, PIXELS_SIDE));
    frame.close();
  } finally {
    ownIsLooking = false;
  }
}
