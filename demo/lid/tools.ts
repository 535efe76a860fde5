import { byId, make } from '../dom';
import { messageOf } from '../notices';
import type { Scene, Tool } from './scene';

const LOADERS: Readonly<Record<string, () => Promise<{ open(body: HTMLElement): Tool }>>> = {
  graph: () => import('./graph/panel'),
  timeline: () => import('./timeline/panel'),
  workbench: () => import('./workbench/panel'),
};

/** The tools, each behind a fold of its own. */
export class Tools {
  readonly #open = new Map<string, Promise<Tool>>();

  constructor(private readonly scene: () => Scene | undefined) {
    for (const id of Object.keys(LOADERS)) byId(id).addEventListener('toggle', () => void this.#follow(id));
  }

  /** Tells the tools that are open. */
  follow(): void {
    for (const id of Object.keys(LOADERS)) void this.#follow(id);
  }

  async #follow(id: string): Promise<void> {
    const fold = byId<HTMLDetailsElement>(id);
    if (!fold.open) return;
    const body = fold.querySelector<HTMLElement>('.tool-body')!;
    try {
      const opening = this.#open.get(id) ?? LOADERS[id]().then(({ open }) => open(body));
      this.#open.set(id, opening);
      const tool = await opening;
      const scene = this.scene();
      if (scene) tool.follow(scene);
    } catch (error) {
      this.#open.delete(id);
      body.replaceChildren(make('p', { class: 'empty' }, messageOf(error)));
    }
  }
}
