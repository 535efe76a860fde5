import { ModelFormatError } from '../../errors';
import type { Value } from './graph-writer';
import type { AttributeProto } from './schema';

/** A value that is not there, because something in the file is not supported. */
export class Missing {
  /** @param reason why a node that reads it is refused; undefined when that was reported already */
  constructor(readonly reason?: string) {}
}

/** An optional input that the caller of a function leaves out. */
export const ABSENT = Symbol('absent');

type Entry = Value | Missing | typeof ABSENT;

/**
 * The values that nodes may read, by name. A branch or the body of a loop sees those outside as well; a function sees
 * its own alone.
 */
export class Scope {
  readonly #entries = new Map<string, Entry>();

  /**
   * @param opset the version of the standard operator set in which the nodes are written
   * @param attributes those of the function whose nodes these are
   * @param path what the names of nodes begin with
   */
  constructor(
    readonly opset: number,
    private readonly outer?: Scope,
    readonly attributes: ReadonlyMap<string, AttributeProto> = new Map(),
    readonly path = '',
  ) {}

  /** A branch or the body of a loop, whose nodes see this scope's values. */
  inside(path = this.path): Scope {
    return new Scope(this.opset, this, this.attributes, path);
  }

  find(name: string): Entry | undefined {
    return this.#entries.get(name) ?? this.outer?.find(name);
  }

  has(name: string): boolean {
    return this.find(name) !== undefined;
  }

  define(name: string, entry: Entry): void {
    if (this.#entries.has(name)) throw new ModelFormatError(`ONNX model defines "${name}" twice`);
    this.#entries.set(name, entry);
  }
}
