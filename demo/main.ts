import { aboveThreshold, DeviceLostError, Engine, WebGPUUnavailableError } from '../src';
import type { LiveNumbers, LiveView } from '../src/tasks/live-view';
import {
  type Answers,
  listThings,
  setUpHover,
  showBoxes,
  showLabels,
  showMask,
  showTimes,
  writeLastResult,
} from './answers';
import { type Backend, GpuBackend, loadModels, type Models, makeCpuBackend, type Task } from './backend';
import { showBenchmark } from './benchmark';
import { closeCamera, openCamera } from './camera';
import { showClassical, showKMeans, showLearned } from './classical/panel';
import { showCosts } from './costs';
import { byId, make, megabytes, onSlider, percent, setSlider, sized, whenSeen } from './dom';
import { Lid } from './lid/lid';
import { messageOf, quiet, say, withoutGpu } from './notices';
import type { OwnNetworkPanel } from './own-network/panel';
import { type ChosenPicture, markChosen, type PictureHandlers, pictureByName, setUpPictures } from './pictures';
import { bitmapPixels, toBitmap } from './pixels';
import { readSettings, type Settings, writeSettings } from './state';

/** Sliders that only change how answers are shown. */
const SLIDERS = [
  ['top-k', 'topK', String],
  ['threshold', 'threshold', percent],
  ['opacity', 'opacity', percent],
] as const;

let settings = readSettings();
let backend: Backend | undefined;
let models: Models | undefined;
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
type LiveTasks = Pick<GpuBackend, 'classifier' | 'detector'> & { readonly segmenter: GpuBackend['segmenter'] };
let live: LiveView<LiveTasks> | undefined;
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
  showBenchmark().catch((error: unknown) => {
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
    byId('progress-text').textContent = 'Compiling shaders …';
    const engine = await gpu;
    backend = engine ? await GpuBackend.create(engine, models) : makeCpuBackend(models);
    byId('adapter').textContent = backend.adapter;
    await lid.open(models, backend);
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
    if (backend?.engine !== engine || !answers) return;
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
    if (!(backend instanceof GpuBackend)) {
      say('picture', 'Live answers need WebGPU and the networks. Stop the camera to answer its last frame.');
      return;
    }
    await runLive(backend, isWanted);
  } catch (error) {
    if (!isWanted()) return;
    stopCamera();
    say('picture', messageOf(error));
  }
}

/** Answers the camera until it is stopped; when the device is lost, goes on with the next one. */
async function runLive(backend: GpuBackend, isWanted: () => boolean): Promise<void> {
  const { LiveView } = await import('../src/tasks/live-view');
  while (isWanted()) {
    try {
      const view = await LiveView.create(
        { classifier: backend.classifier, detector: backend.detector, segmenter: backend.segmenter },
        { boxes: byId<HTMLCanvasElement>('live-boxes'), mask: byId<HTMLCanvasElement>('live-mask') },
      );
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
  for (const id of ['video', 'mirror', 'live-boxes', 'live-mask']) byId(id).hidden = !on;
  for (const id of ['preview', 'boxes', 'mask', 'legend', 'hover', 'credit']) byId(id).hidden = on;
  mirror(on && byId('mirror').getAttribute('aria-pressed') === 'true');
}

/** Cameras that face their user are mirrored, as people know themselves. */
function mirror(on: boolean): void {
  for (const id of ['video', 'live-boxes', 'live-mask']) byId(id).classList.toggle('mirrored', on);
}

/** Lists what the camera sees; its pictures are drawn by the GPU. */
function showLive(
  { classifier: scores, detector: candidates = [] }: LiveNumbers<LiveTasks>,
  framesPerSecond: number,
): void {
  if (!live || !models) return;
  showLabels(scores, models.classify.labels, settings);
  listThings(byId('things'), aboveThreshold(candidates, settings));
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

/** Shows a picture and asks the three networks, one after the other so that each has its own time. */
async function look({ picture, credit, origin }: ChosenPicture): Promise<void> {
  const bitmap = await toBitmap(picture, credit);
  sized(byId<HTMLCanvasElement>('preview'), bitmap.width, bitmap.height).drawImage(bitmap, 0, 0);
  byId('credit').replaceChildren(credit, ...(origin ? originText(origin) : []));
  answers?.bitmap.close();
  answers = { bitmap, timesMs: {} };
  pixels = bitmapPixels(bitmap);
  show();
  // Something to see while the weights are on their way.
  if (!backend) await showClassical(await gpu, pixels, settings.clusters);
  void own?.then((panel) => pixels && panel?.look(pixels));
  unanswered = backend ? undefined : current;
  if (!backend) return;
  const on = backend;
  const ask = async (task: Task, work: () => Promise<Partial<Answers>>): Promise<void> => {
    byId('status').textContent = on.engine ? 'Looking …' : `Computing on the CPU: ${task} …`;
    const start = performance.now();
    const found = await work();
    const known = answers ?? { bitmap, timesMs: {} };
    answers = { ...known, ...found, timesMs: { ...known.timesMs, [task]: performance.now() - start } };
    show();
  };
  await ask('classify', async () => ({ scores: await on.classify(picture) }));
  await ask('detect', async () => ({ candidates: await on.detect(picture) }));
  await ask('segment', async () => ({ mask: await on.segment(picture) }));
  lid.look(pixels);
  await showClassical(await gpu, pixels, settings.clusters);
}

/** Shows what is known of the picture under the settings of the moment, without asking again. */
function show(): void {
  if (!answers) return;
  showLabels(answers.scores, models?.classify.labels ?? [], settings);
  const things = showBoxes(answers, settings);
  showMask(answers, things, settings);
  showTimes(answers);
  showLearned(answers.mask);
  if (!models || !backend) return;
  showCosts(models, answers.timesMs);
  writeLastResult(answers, things, models.classify.labels, backend.adapter);
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
    if (pixels) await showKMeans(await gpu, pixels, clusters);
  });
  const instances = byId<HTMLInputElement>('instances');
  instances.addEventListener('change', () => update({ instances: instances.checked }));
  for (const radio of viewRadios()) {
    radio.addEventListener('change', () => {
      change({ view: radio.value as Settings['view'] });
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
}
