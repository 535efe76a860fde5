import type { Runner, SegmentationMask, VisionModel, VisionTask } from '../src';
import { CARDS } from './cards';
import type { Answers, Card, OpenPicture } from './cards/card';
import { segment } from './cards/segment';
import { mayTryAgain } from './gpu';
import type { Models } from './loading';
import { pixelsOfClasses, shrinkMask } from './masks';

/** Any card, whose result is only handed on. */
export type AnyCard = Card<unknown> & { readonly name: string };

/** One of the three places beside the picture, with the network that answers there. */
export interface Place {
  readonly card: AnyCard;
  readonly model: VisionModel;
  readonly task: VisionTask<unknown, unknown>;
}

/** The networks that answer on the page, all on one runner, by the ids of the places where they answer. */
export interface Networks {
  readonly runner: Runner;
  readonly places: Readonly<Record<string, Place>>;
}

interface Page {
  /** There is more to be seen: a picture, or the answer to the task of a name. */
  show(answers: Answers, task?: string): void;
  status(text: string): void;
  busy(on: boolean): void;
  /** A picture is answered by all tasks. */
  done(answers: Answers): Promise<void>;
  failed(error: unknown): void;
}

/** The page's own networks, each in its place. */
export async function loadNetworks(runner: Runner, models: Models): Promise<Networks> {
  const load = async (card: AnyCard): Promise<readonly [string, Place]> => {
    const model = models[card.name];
    return [card.name, { card, model, task: await card.task.load(runner, model) }];
  };
  const cards: readonly AnyCard[] = CARDS;
  return { runner, places: Object.fromEntries(await Promise.all(cards.map(load))) };
}

/** Answers the picture of the page with each task, one after the other so that each has its own time. */
export class Answering {
  /** The answers to the picture that is shown. */
  answers: Answers | undefined;
  networks: Networks | undefined;
  /** Another picture that is to be shown, or the same one that is to be answered anew. */
  #wanted: OpenPicture | undefined;
  #current: OpenPicture | undefined;
  #busy = false;

  /** Networks that nobody asks any more. */
  readonly #retired: VisionTask<unknown, unknown>[] = [];

  constructor(private readonly page: Page) {}

  /** The cards of the three places. */
  get cards(): readonly AnyCard[] {
    return this.networks ? Object.values(this.networks.places).map(({ card }) => card) : CARDS;
  }

  /** Names of classes by what answers with them. */
  labelsOf(card: AnyCard): readonly string[] {
    return Object.values(this.networks?.places ?? {}).find((place) => place.card === card)?.task.labels ?? [];
  }

  get picture(): OpenPicture | undefined {
    return this.#current;
  }

  /** Shows a picture and answers it; the one before is left where it is. */
  async look(picture: OpenPicture): Promise<void> {
    this.#wanted = picture;
    await this.#answer();
  }

  /** Answers the picture that is shown, once there are networks, or on a new device. */
  async again(): Promise<void> {
    this.#wanted ??= this.#current;
    await this.#answer();
  }

  /** Disposes of a network once the answer that it may be giving has come. */
  retire(task: VisionTask<unknown, unknown>): void {
    this.#retired.push(task);
    if (!this.#busy) this.#disposeRetired();
  }

  #disposeRetired(): void {
    for (const task of this.#retired.splice(0)) task.dispose();
  }

  async #answer(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.page.busy(true);
    try {
      while (this.#wanted) {
        const picture = this.#wanted;
        this.#wanted = undefined;
        await this.#answerOne(picture).catch((error: unknown) => {
          if (mayTryAgain(error)) this.#wanted ??= picture;
          else this.page.failed(error);
        });
      }
    } finally {
      this.#busy = false;
      this.#disposeRetired();
      this.page.busy(false);
      this.page.status('');
    }
  }

  async #answerOne(picture: OpenPicture): Promise<void> {
    if (this.#current !== picture) this.#current?.bitmap.close();
    this.#current = picture;
    const { bitmap, pixels } = picture;
    let answers: Answers = { picture, bitmap, pixels, results: {}, timesMs: {}, mask: undefined };
    const show = (task?: string): void => {
      this.answers = answers;
      this.page.show(answers, task);
    };
    show();
    const { networks } = this;
    for (const { card, task } of Object.values(networks?.places ?? {})) {
      const { name } = card;
      this.page.status(networks!.runner.kind === 'gpu' ? 'Looking …' : `Computing on the CPU: ${card.network} …`);
      await breath();
      const start = performance.now();
      const result = await (card.answer?.(task, bitmap) ?? task.answer(bitmap));
      await breath();
      const timesMs: Answers['timesMs'] = { ...answers.timesMs, [name]: performance.now() - start };
      let { mask } = answers;
      if (name === segment.name && isMask(result)) {
        // `show` asks for these counts. A photograph's mask has two million pixels: counting them is a task of its own.
        pixelsOfClasses(result);
        await breath();
        mask = shrinkMask(result, pixels);
      }
      answers = { ...answers, results: { ...answers.results, [name]: result }, timesMs, mask };
      if (this.#wanted) return;
      await breath();
      show(name);
    }
    await breath();
    await this.page.done(answers);
  }
}

/** Lets the browser answer its user between two pieces of work. */
const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

const isMask = (result: unknown): result is SegmentationMask => Object(result).classes instanceof Uint8Array;
