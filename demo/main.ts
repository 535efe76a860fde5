import { DeviceLostError, Engine, type Runner, type VisionTask, WebGPUUnavailableError } from '../src';
import type { LiveNumbers, LiveTasks, LiveView } from '../src/tasks/live-view';
import { closeCamera, openCamera } from './camera';
import { CARDS } from './cards';
import { type Answers, type Card, resultOf } from './cards/card';
import { segment, setUpHover } from './cards/segment';
import { showCosts } from './costs';
import { byId, make, megabytes, milliseconds, onSlider, percent, setSlider, sized, whenSeen } from './dom';
import { Lid } from './lid/lid';
import { describeAdapter, loadModels, type Models, openCpuRunner } from './loading';
import { messageOf, quiet, say, withoutGpu } from './notices';
import type { OwnNetworkPanel } from './own-network/panel';
import { type ChosenPicture, markChosen, type PictureHandlers, pictureByName, setUpPictures } from './pictures';
import { bitmapPixels, toBitmap } from './pixels';
import type { Settings } from './settings';
import { readSettings, writeSettings } from './state';

/** Sliders that only change how answers are shown. */
const SLIDERS = [
  ['top-k', 'topK', String],
  ['threshold', 'threshold', percent],
  ['opacity', 'opacity', percent],
] as const;

let settings = readSettings();
let models: Models | undefined;
/** The networks at work, by task, on one runner. */
let tasks: Readonly<Record<string, VisionTask<unknown, unknown>>> | undefined;
let runner: Runner | undefined;
let answers: Answers | undefined;
/** The picture that is to be answered; a newer one replaces it before it was looked at. */
let wanted: ChosenPicture | undefined;
/** The picture that was answered last, or is being answered. */
let current: ChosenPicture | undefined;
/** The picture that was shown before there was anything to answer it. */
let unanswered: ChosenPicture | undefined;
/** The pixels of the picture that is shown. */
let pixels: ImageData | undefined;
let busy = false;
let live: LiveView | undefined;
/** Counts starts and stops of the camera: whoever waited while there was another is no longer wanted. */
let cameraTurns = 0;
const video = byId<HTMLVideoElement>('video');

const handlers: PictureHandlers = {
  onPicture: choose,
  onNetwork: (file, beside) => {
    quiet('picture');
    byId('own').scrollIntoView();
    void ownNetworks().then((panel) => panel?.takeFile(file, beside));
  },
  onError: (message) => say('picture', message),
};

/** Any card, whose result is only handed on. */
const cards: readonly (Card<unknown> & { readonly name: string })[] = CARDS;

const lid = new Lid({ settings: () => settings, change });
const gpu = findGpu();
/** The panel for networks of the user's own, downloaded when somebody comes near it; undefined where that failed. */
let own: Promise<OwnNetworkPanel | undefined> | undefined;
whenSeen(byId('own'), () => void ownNetworks(), '600px');
setUpPictures(handlers);
setUpControls();
setUpHover(() => answers);
whenSeen(byId('lid'), () => lid.begin());
whenSeen(byId('benchmark'), () => {
  const shown = import('./benchmark').then(({ showBenchmark }) => showBenchmark());
  shown.catch((error: unknown) => {
    byId('benchmark-about').textContent = `The measurements could not be loaded: ${messageOf(error)}.`;
  });
});
window.addEventListener('hashchange', () => {
  settings = readSettings();
  showSettings();
  show();
  lid.follow();
  void pictureByName(settings.picture, handlers);
});
await pictureByName(settings.picture, handlers);
await start();

/** Looks for a GPU; where there is none, says which step failed. */
async function findGpu(): Promise<Engine | undefined> {
  try {
    const engine = await Engine.create();
    watchDevice(engine);
    byId('lose').addEventListener('click', () => engine.device.destroy());
    return engine;
  } catch (error) {
    if (!(error instanceof WebGPUUnavailableError)) throw error;
    say('gpu', withoutGpu(error));
    byId('adapter').textContent = 'No WebGPU';
    for (const id of ['lose', 'profile']) byId<HTMLButtonElement>(id).disabled = true;
    return undefined;
  }
}

function ownNetworks(): Promise<OwnNetworkPanel | undefined> {
  own ??= import('./own-network/panel')
    .then(({ OwnNetworkPanel }) => {
      const panel = new OwnNetworkPanel(gpu, (network) => lid.take(network));
      if (pixels) void panel.look(pixels);
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

/** Loads the weights, and answers the picture that was chosen meanwhile. */
async function start(): Promise<void> {
  const cancelling = new AbortController();
  const progress = byId('progress');
  const cancel = byId<HTMLButtonElement>('cancel');
  cancel.onclick = () => cancelling.abort();
  try {
    progress.hidden = false;
    cancel.hidden = false;
    models ??= await loadModels(gpu, showProgress, cancelling.signal);
    showCosts(models, {});
    cancel.hidden = true;
    byId('progress-text').textContent = (await gpu) ? 'Compiling shaders …' : 'Preparing the networks …';
    runner ??= (await gpu) ?? (await openCpuRunner());
    tasks = await loadTasks(runner, models);
    byId('adapter').textContent = adapterName(runner);
    await lid.open(models, runner);
  } catch (error) {
    const message = cancelling.signal.aborted ? 'The download was cancelled.' : messageOf(error);
    say('weights', message, { label: 'Try again', run: () => void start() });
  } finally {
    progress.hidden = true;
  }
  wanted ??= unanswered;
  unanswered = undefined;
  await answer();
}

async function loadTasks(runner: Runner, models: Models): Promise<typeof tasks> {
  const load = async ({ name, task }: (typeof cards)[number]) => [name, await task.load(runner, models[name])] as const;
  return Object.fromEntries(await Promise.all(cards.map(load)));
}

/** Hoisted, as the page starts before this line is reached. */
function adapterName(on: Runner): string {
  return on instanceof Engine ? describeAdapter(on.adapter) : on.name;
}

function showProgress({ loaded, total }: { loaded: number; total: number | undefined }): void {
  const bar = byId('progress').querySelector('progress')!;
  if (total) bar.value = loaded / total;
  byId('progress-text').textContent = total ? `${(loaded / 1e6).toFixed(1)} of ${megabytes(total)}` : megabytes(loaded);
}

/** Says that the device was lost, and answers again, for which the engine opens a new one. */
function watchDevice(engine: Engine): void {
  void engine.device.lost.then(async () => {
    say('gpu', 'The GPU device was lost. Opening a new one …');
    try {
      await engine.connection();
    } catch {
      say('gpu', 'The GPU device was lost, and no new one could be opened. Reload the page.');
      return;
    }
    watchDevice(engine);
    wanted ??= current;
    await answer();
    if (!tasks || !answers) return;
    say('gpu', 'The GPU device was lost and has been replaced. Everything works as before.');
  });
}

/** Whether what a lost device left undone may be done on the next one. */
function mayTryAgain(error: unknown): boolean {
  return error instanceof DeviceLostError && !(error.cause instanceof WebGPUUnavailableError);
}

function choose(chosen: ChosenPicture): void {
  stopCamera();
  wanted = chosen;
  quiet('picture', 'answer');
  change({ picture: chosen.name });
  markChosen(chosen);
  void answer();
}

/** Starts the camera, or stops it and answers its last frame as a picture. */
async function toggleCamera(): Promise<void> {
  if (video.srcObject) {
    const last = await createImageBitmap(video).catch(() => undefined);
    if (last) choose({ picture: last, name: '', credit: 'From the camera' });
    else stopCamera();
    return;
  }
  const turn = ++cameraTurns;
  const isWanted = (): boolean => turn === cameraTurns;
  quiet('picture', 'answer');
  try {
    if (!(await openCamera(video, isWanted))) return;
    showCamera(true);
    if (!tasks || runner?.kind !== 'gpu') {
      say('picture', 'Live answers need WebGPU and the networks. Stop the camera to answer its last frame.');
      return;
    }
    await runLive(tasks, isWanted);
  } catch (error) {
    if (!isWanted()) return;
    stopCamera();
    say('picture', messageOf(error));
  }
}

/** Answers the camera until it is stopped; when the device is lost, goes on with the next one. */
async function runLive(tasks: LiveTasks, isWanted: () => boolean): Promise<void> {
  const { LiveView } = await import('../src/tasks/live-view');
  const layers = cards.flatMap(({ task }) => task.task.layer ?? []);
  const canvases = Object.fromEntries(layers.map(({ canvas }) => [canvas, byId<HTMLCanvasElement>(`live-${canvas}`)]));
  while (isWanted()) {
    try {
      const view = await LiveView.create(tasks, canvases);
      if (!isWanted()) {
        view.dispose();
        return;
      }
      live = view;
      await live.run(video, () => settings, showLive);
    } catch (error) {
      live?.dispose();
      if (!mayTryAgain(error)) throw error;
    }
  }
}

function stopCamera(): void {
  cameraTurns++;
  live?.dispose();
  live = undefined;
  if (!video.srcObject) return;
  closeCamera(video);
  showCamera(false);
  byId('status').textContent = '';
}

/** Puts the camera's canvases in the place of the picture's. */
function showCamera(on: boolean): void {
  byId('camera').setAttribute('aria-pressed', String(on));
  byId('camera').textContent = on ? 'Stop' : 'Camera';
  for (const element of document.querySelectorAll<HTMLElement>('.live')) element.hidden = !on;
  for (const element of document.querySelectorAll<HTMLElement>('.still')) element.hidden = on;
  mirror(on && byId('mirror').getAttribute('aria-pressed') === 'true');
}

/** Cameras that face their user are mirrored, as people know themselves. */
function mirror(on: boolean): void {
  for (const frame of document.querySelectorAll('.frame.live')) frame.classList.toggle('mirrored', on);
}

/** Lists what the camera sees; its pictures are drawn by the GPU. */
function showLive(numbers: LiveNumbers, framesPerSecond: number): void {
  if (!live || !models) return;
  for (const { name, list } of cards) list?.(numbers[name], settings, models[name].labels);
  byId('status').textContent = `${framesPerSecond.toPrecision(2)} frames a second`;
}

/** Answers the wanted picture; if another one comes meanwhile, that one too. */
async function answer(): Promise<void> {
  if (busy) return;
  busy = true;
  byId('answers').setAttribute('aria-busy', 'true');
  try {
    while (wanted) {
      current = wanted;
      wanted = undefined;
      await look(current).catch((error: unknown) => {
        // Work that was under way when the device was lost is done again on the next one.
        if (mayTryAgain(error)) wanted ??= current;
        else say('answer', messageOf(error));
      });
    }
  } finally {
    busy = false;
    byId('answers').removeAttribute('aria-busy');
    byId('status').textContent = '';
  }
}

/** A link to where a sample is published, and the beginning of its checksum, all of it where one points. */
function originText({ url, sha256 }: NonNullable<ChosenPicture['origin']>): (HTMLElement | string)[] {
  const link = make('a', { href: url, rel: 'noreferrer', target: '_blank' }, 'original');
  return [' · ', link, ' · ', make('span', { title: sha256 }, `SHA-256 ${sha256.slice(0, 8)}…`)];
}

/** Shows a picture and asks the networks, one after the other so that each has its own time. */
async function look({ picture, credit, origin }: ChosenPicture): Promise<void> {
  const bitmap = await toBitmap(picture, credit);
  sized(byId<HTMLCanvasElement>('preview'), bitmap.width, bitmap.height).drawImage(bitmap, 0, 0);
  byId('credit').replaceChildren(credit, ...(origin ? originText(origin) : []));
  answers?.bitmap.close();
  answers = { bitmap, results: {}, timesMs: {} };
  pixels = bitmapPixels(bitmap);
  show();
  // Something to see while the weights are on their way.
  if (!tasks) await showWithoutLearning(pixels);
  void own?.then((panel) => pixels && panel?.look(pixels));
  unanswered = tasks ? undefined : current;
  if (!tasks) return;
  const status = (name: string): string => (runner?.kind === 'gpu' ? 'Looking …' : `Computing on the CPU: ${name} …`);
  for (const [name, task] of Object.entries(tasks)) {
    byId('status').textContent = status(name);
    const start = performance.now();
    const result = await task.answer(picture);
    const timesMs: Answers['timesMs'] = { ...answers.timesMs, [name]: performance.now() - start };
    answers = { bitmap, results: { ...answers.results, [name]: result }, timesMs };
    show();
  }
  lid.look(pixels);
  await showWithoutLearning(pixels);
}

/** Cuts the picture up by brightness and by colour. */
async function showWithoutLearning(picture: ImageData): Promise<void> {
  const { showClassical } = await import('./classical/comparison');
  await showClassical(await gpu, picture, settings.clusters);
}

/** Shows what is known of the picture under the current settings, without asking again. */
function show(): void {
  if (!answers) return;
  for (const { name, list, paint } of cards) {
    list?.(answers.results[name], settings, models?.[name].labels ?? []);
    paint?.(answers, settings);
  }
  for (const element of document.querySelectorAll<HTMLElement>('.time[data-task]')) {
    const time = answers.timesMs[element.dataset.task!];
    element.textContent = time === undefined ? '' : milliseconds(time);
  }
  const mask = resultOf(answers, segment.task);
  if (mask) void import('./classical/comparison').then(({ showLearned }) => showLearned(mask));
  if (models) showCosts(models, answers.timesMs);
  writeLastResult(answers);
}

/** Leaves the answers for tests and scripts, once all tasks have answered; until then `null`. */
function writeLastResult({ results, timesMs }: Answers): void {
  const isComplete = models && runner && cards.every(({ name }) => name in results);
  const summaries = isComplete
    ? cards.map(({ name, summary }) => [name, summary(results[name], settings, models![name].labels)] as const)
    : [];
  const result = isComplete ? { adapter: adapterName(runner!), ...Object.fromEntries(summaries), timesMs } : null;
  byId('last-result').textContent = JSON.stringify(result);
}

function change(changes: Partial<Settings>): void {
  settings = { ...settings, ...changes };
  writeSettings(settings);
}

function setUpControls(): void {
  byId('camera').addEventListener('click', () => void toggleCamera());
  byId('mirror').addEventListener('click', () => {
    const on = byId('mirror').getAttribute('aria-pressed') !== 'true';
    byId('mirror').setAttribute('aria-pressed', String(on));
    mirror(on);
  });
  const update = (changes: Partial<Settings>): void => {
    change(changes);
    show();
  };
  for (const [id, key, format] of SLIDERS) onSlider(id, format, (value) => update({ [key]: value }));
  onSlider('clusters', String, async (clusters) => {
    change({ clusters });
    const { showKMeans } = await import('./classical/comparison');
    if (pixels) await showKMeans(await gpu, pixels, clusters);
  });
  const instances = byId<HTMLInputElement>('instances');
  instances.addEventListener('change', () => update({ instances: instances.checked }));
  for (const radio of viewRadios()) {
    radio.addEventListener('change', () => {
      change({ view: radio.value });
      showSettings();
    });
  }
  showSettings();
}

function viewRadios(): NodeListOf<HTMLInputElement> {
  return document.querySelectorAll('input[name=view]');
}

/** Puts the controls where the settings are. */
function showSettings(): void {
  for (const [id, key] of SLIDERS) setSlider(id, settings[key]);
  setSlider('clusters', settings.clusters);
  byId<HTMLInputElement>('instances').checked = settings.instances;
  for (const radio of viewRadios()) radio.checked = radio.value === settings.view;
  byId('answers').dataset.view = settings.view;
  for (const { name } of cards) byId(name).hidden = settings.view !== 'all' && settings.view !== name;
}
