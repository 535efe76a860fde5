import type { LiveNumbers, LiveView } from '../src/tasks/live-view';
import type { AnyCard, Networks, Place } from './answering';
import { cameraOf, closeCamera, listCameras, openCamera } from './camera';
import { byId, digits, make } from './dom';
import { mayTryAgain } from './gpu';
import { nameLive } from './live-names';
import { messageOf, quiet, say } from './notices';
import { answerAtOwnPace } from './own-pace';
import type { ChosenPicture } from './pictures';
import type { Settings } from './settings';

interface Page {
  networks(): Networks | undefined;
  settings(): Settings;
  /** A camera or a video runs in the place of a picture. */
  started(): void;
  /** The last frame becomes the picture. */
  stopped(last: ChosenPicture): void;
  /** Every few frames, one frame's answer to each card. */
  show(answers: readonly (readonly [AnyCard, unknown])[], video: HTMLVideoElement): void;
}

/** A camera or a video file: shown at once, and answered live as soon as there are networks on a GPU. */
export class Live {
  readonly #video = byId<HTMLVideoElement>('video');
  #view: LiveView | undefined;
  /** Networks that answer at a pace of their own, with the start of the video that they answer. */
  readonly #paced = new Map<Place, number>();
  /** Ends the wait for other networks or another choice of them. */
  #wake = (): void => {};
  #credit = '';
  /** Counts starts and stops: whoever waited while there was another is no longer wanted. */
  #turn = 0;

  constructor(private readonly page: Page) {
    byId('camera').addEventListener('click', () => void this.#toggle());
    const mirror = byId('mirror');
    mirror.addEventListener('click', () => {
      const on = mirror.getAttribute('aria-pressed') !== 'true';
      mirror.setAttribute('aria-pressed', String(on));
      this.#mirror(on);
    });
    byId<HTMLSelectElement>('cameras').addEventListener('change', () => void this.#start());
  }

  get isOn(): boolean {
    return this.#video.srcObject !== null || this.#video.hasAttribute('src');
  }

  /** Plays a video file in the place of the camera. */
  async play(file: File): Promise<void> {
    this.stop();
    const turn = ++this.#turn;
    quiet('picture', 'answer');
    this.#video.src = URL.createObjectURL(file);
    try {
      await this.#video.play();
    } catch {
      if (turn !== this.#turn) return;
      this.stop();
      const kind = file.type || 'of an unknown type';
      say('picture', `${file.name} could not be played (${kind}). Try an MP4 or a WebM file.`);
      return;
    }
    if (turn !== this.#turn) return;
    this.#credit = `A frame of ${file.name}`;
    this.#turnOn(true);
    this.page.started();
    await this.#answer(turn).catch((error: unknown) => say('picture', messageOf(error)));
  }

  /** Draws other answers than before, as when one alone is looked at. */
  refresh(): void {
    this.#view?.dispose();
    this.#wake();
  }

  /** Answers the camera if it was opened before there were networks. */
  async begin(): Promise<void> {
    if (this.isOn) await this.#answer(this.#turn);
  }

  stop(): void {
    this.#turn++;
    this.refresh();
    this.#view = undefined;
    if (!this.isOn) return;
    closeCamera(this.#video);
    if (this.#video.hasAttribute('src')) {
      URL.revokeObjectURL(this.#video.src);
      this.#video.removeAttribute('src');
      this.#video.load();
    }
    this.#turnOn(false);
    byId('status').textContent = '';
  }

  /** Starts the camera, or stops it and answers its last frame as a picture. */
  async #toggle(): Promise<void> {
    if (!this.isOn) {
      await this.#start();
      return;
    }
    const last = await createImageBitmap(this.#video).catch(() => undefined);
    this.stop();
    if (last) this.page.stopped({ picture: last, name: '', credit: this.#credit });
  }

  /** Opens the chosen camera, in the place of one that is open. */
  async #start(): Promise<void> {
    const turn = ++this.#turn;
    this.refresh();
    this.#credit = 'From the camera';
    quiet('picture', 'answer');
    try {
      const choice = byId<HTMLSelectElement>('cameras');
      if (!(await openCamera(this.#video, () => turn === this.#turn, choice.value || undefined))) return;
      this.#turnOn(true);
      this.page.started();
      await this.#listCameras(choice);
      await this.#answer(turn);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.stop();
      say('picture', messageOf(error));
    }
  }

  async #listCameras(choice: HTMLSelectElement): Promise<void> {
    const found = await listCameras();
    choice.replaceChildren(...found.map(({ id, name }) => make('option', { value: id }, name)));
    choice.value = cameraOf(this.#video) ?? found[0]?.id ?? '';
    choice.hidden = found.length < 2;
  }

  async #answer(turn: number): Promise<void> {
    const networks = this.page.networks();
    if (!networks) byId('status').textContent = 'The camera is answered once the networks are there.';
    else if (networks.runner.kind === 'gpu') await this.#run(turn);
    else say('picture', 'Live answers need WebGPU. Stop the camera to answer its last frame.');
  }

  /** Answers the camera until it is stopped; when the device is lost, goes on with the next one. */
  async #run(turn: number): Promise<void> {
    const { LiveView } = await import('../src/tasks/live-view');
    const canvas = byId<HTMLCanvasElement>('live-view');
    while (turn === this.#turn) {
      try {
        const places = Object.entries(this.page.networks()!.places);
        for (const place of places) this.#beginPace(turn, place);
        const together = places.filter(([, { card }]) => !card.next);
        if (together.length === 0) {
          canvas.classList.add('clear');
          byId('status').textContent = 'Each network answers at a pace of its own.';
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          continue;
        }
        const layers = together.flatMap(([id, { task }]) => (this.#isSeen(id) ? (task.task.layer ?? []) : []));
        if (!this.#view) byId('status').textContent = 'Preparing live answers …';
        // Without a layer the video itself is seen.
        canvas.classList.toggle('clear', layers.length === 0);
        const view = await LiveView.create(
          Object.fromEntries(together.map(([, { card, task }]) => [card.name, task])),
          Object.fromEntries(layers.map((layer) => [layer.canvas, canvas])),
        );
        if (turn !== this.#turn) {
          view.dispose();
          return;
        }
        this.#view = view;
        // Results that the page paints itself need the numbers of every frame.
        const numbers = together.some(([id, { card, task }]) => card.name !== id && !task.task.layer);
        await view.run(
          this.#video,
          () => {
            const { threshold, opacity } = this.page.settings();
            return { threshold, opacity, numbers };
          },
          (answers, framesPerSecond) => this.#show(together, answers, framesPerSecond),
        );
      } catch (error) {
        this.#view?.dispose();
        if (!mayTryAgain(error)) throw error;
      }
    }
  }

  /** Lists what the camera sees; its pictures are drawn by the GPU. */
  #show(together: readonly (readonly [string, Place])[], answers: LiveNumbers, framesPerSecond: number): void {
    this.page.show(
      together.map(([, { card }]) => [card, answers[card.name]]),
      this.#video,
    );
    const seen = together.filter(([id]) => this.#isSeen(id));
    nameLive(
      seen.map(([, { card }]) => answers[card.name]),
      this.#video,
      this.page.settings(),
    );
    byId('status').textContent = `${digits(framesPerSecond)} frames a second`;
  }

  /** Whether a place is among those that are looked at. */
  #isSeen(id: string): boolean {
    return [id, 'all'].includes(this.page.settings().view);
  }

  /** Lets a network that answers frame by frame begin, unless it has begun. */
  #beginPace(turn: number, [id, place]: readonly [string, Place]): void {
    if (!place.card.next || this.#paced.get(place) === turn) return;
    this.#paced.set(place, turn);
    answerAtOwnPace([id, place], {
      video: this.#video,
      networks: () => this.page.networks(),
      isOn: () => turn === this.#turn,
      show: (card, result) => this.page.show([[card, result]], this.#video),
    })
      .catch((error: unknown) => say('answer', messageOf(error)))
      .finally(() => this.#paced.get(place) === turn && this.#paced.delete(place));
  }

  /** Puts the camera's canvases in the place of the picture's. */
  #turnOn(on: boolean): void {
    byId('camera').setAttribute('aria-pressed', String(on));
    byId('camera').textContent = on ? 'Stop' : 'Camera';
    for (const element of document.querySelectorAll<HTMLElement>('.live')) element.hidden = !on;
    for (const element of document.querySelectorAll<HTMLElement>('.still')) element.hidden = on;
    // A video file shows the world, and not its viewer.
    const isCamera = this.#video.srcObject !== null;
    byId('mirror').hidden = !isCamera;
    this.#mirror(isCamera && byId('mirror').getAttribute('aria-pressed') === 'true');
  }

  /** Cameras that face their user are mirrored, as people know themselves. */
  #mirror(on: boolean): void {
    for (const id of ['video', 'live-view']) byId(id).classList.toggle('mirrored', on);
  }
}
