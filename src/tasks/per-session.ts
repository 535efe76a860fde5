import type { Session } from '../gpu/session';

/** Something that is made once for each session, however many ask at the same time, and goes when the session changes. */
export class PerSession<T extends { dispose(): void }> {
  #session: Session | undefined;
  #made: Promise<T> | undefined;

  constructor(private readonly make: (session: Session) => Promise<T>) {}

  get(session: Session): Promise<T> {
    if (this.#made && this.#session === session) return this.#made;
    this.dispose();
    const made = this.make(session);
    // A failure is not kept: the next request tries again.
    made.catch(() => {
      if (this.#made === made) this.#made = undefined;
    });
    this.#session = session;
    this.#made = made;
    return made;
  }

  dispose(): void {
    this.#made?.then((made) => made.dispose()).catch(() => {});
    this.#made = undefined;
  }
}
