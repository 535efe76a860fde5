import { byId, make } from '../dom';
import { messageOf } from '../notices';
import type { Settings } from '../settings';

interface Lesson {
  readonly title: string;
  readonly html: string;
}

/** Rendered from Markdown when the page is built, and downloaded one by one. */
const LESSONS = import.meta.glob<Lesson>('../../docs/lessons/[1-8]-*.md', { query: '?lesson' });

/** The parts of the page that a lesson shows in the place of a live piece. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  convolution: ['lid'],
  inspector: ['lid'],
  why: ['shown', 'why'],
  costs: ['compare'],
  classical: ['classical'],
  benchmark: ['benchmark'],
};

interface Page {
  settings(): Settings;
  change(changes: Partial<Settings>): void;
  /** Fills the ladder's place. */
  ladder(place: HTMLElement): void;
}

/** Shows lessons, with parts of the page in their live places. */
export class LessonPanel {
  /** What stands where a part was taken from. */
  readonly #taken = new Map<HTMLElement, Comment>();
  #shown = '';
  readonly #title = document.title;

  constructor(private readonly page: Page) {
    byId('lessons').addEventListener('click', (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>('a[href^="#"]');
      if (!link) return;
      event.preventDefault();
      const lesson = /^#lesson=(\d?)$/.exec(link.getAttribute('href')!)?.[1];
      if (lesson === undefined) document.getElementById(link.hash.slice(1))?.scrollIntoView();
      else this.open(lesson);
    });
  }

  /** Opens a lesson, or none. */
  open(lesson: string): void {
    if (lesson !== this.page.settings().lesson) this.page.change({ lesson });
    void this.follow();
  }

  /** Shows the lesson that the settings name. */
  async follow(): Promise<void> {
    const { lesson } = this.page.settings();
    if (lesson === this.#shown) return;
    this.#shown = lesson;
    const article = byId('lesson');
    this.#putBack();
    document.body.classList.toggle('in-lesson', lesson !== '');
    for (const link of document.querySelectorAll('#lesson-list a')) {
      if (link.getAttribute('href') === `#lesson=${lesson}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    document.title = this.#title;
    article.replaceChildren();
    if (lesson === '') return;
    try {
      const [, load] = Object.entries(LESSONS).find(([path]) => path.includes(`/${lesson}-`))!;
      const { title, html } = await load();
      if (this.page.settings().lesson !== lesson) return;
      article.innerHTML = html;
      document.title = `${title} – Fovea`;
    } catch (error) {
      article.append(make('p', {}, `The lesson could not be loaded: ${messageOf(error)}`));
      // A second try may find it.
      this.#shown = '';
      return;
    }
    this.#fill(article);
    article.tabIndex = -1;
    article.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  #fill(article: HTMLElement): void {
    for (const place of article.querySelectorAll<HTMLElement>('.live-piece')) {
      const piece = place.dataset.piece!;
      if (piece === 'ladder') this.page.ladder(place);
      for (const id of PARTS[piece] ?? []) {
        const part = byId(id);
        const marker = document.createComment(id);
        part.replaceWith(marker);
        this.#taken.set(part, marker);
        place.append(part);
        for (const fold of part.querySelectorAll<HTMLDetailsElement>('.fold')) fold.open = true;
      }
    }
  }

  #putBack(): void {
    for (const [part, marker] of this.#taken) marker.replaceWith(part);
    this.#taken.clear();
  }
}
