import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { FoveaError, ModelFormatError } from '../../errors';

const UTF8 = new TextDecoder();

type Scalar = 'int' | 'uint' | 'float' | 'double';

/** One field of a message, positioned at its value. */
export class Field {
  /** @internal declarations name no package that is bundled */
  constructor(
    private readonly reader: BinaryReader,
    private readonly wireType: WireType,
  ) {}

  /** A view into the file, not a copy. */
  bytes(): Uint8Array {
    this.#expect(WireType.LengthDelimited);
    return this.reader.bytes();
  }

  string(): string {
    return UTF8.decode(this.bytes());
  }

  /** A varint of up to 64 bits as a number: exact within ±2^53, rounded beyond. */
  int(): number {
    this.#expect(WireType.Varint);
    return Number(this.reader.int64());
  }

  uint(): number {
    this.#expect(WireType.Varint);
    return Number(this.reader.uint64());
  }

  float(): number {
    this.#expect(WireType.Bit32);
    return this.reader.float();
  }

  double(): number {
    this.#expect(WireType.Bit64);
    return this.reader.double();
  }

  /** The values of a repeated scalar field, which may come packed or one by one. */
  each(kind: Scalar, into: number[]): void {
    if (this.wireType !== WireType.LengthDelimited) {
      into.push(this[kind]());
      return;
    }
    const packed = new BinaryReader(this.bytes());
    const value = new Field(packed, SCALAR_WIRE_TYPE[kind]);
    while (packed.pos < packed.len) into.push(value[kind]());
  }

  skip(): void {
    // Only groups nest without a length. No ONNX file has them.
    if (this.wireType === WireType.StartGroup) throw new ModelFormatError('a protobuf group, which ONNX does not use');
    this.reader.skip(this.wireType);
  }

  #expect(wireType: WireType): void {
    if (this.wireType !== wireType) {
      throw new ModelFormatError(`a field has wire type ${this.wireType}, expected ${wireType}`);
    }
  }
}

const SCALAR_WIRE_TYPE: Readonly<Record<Scalar, WireType>> = {
  int: WireType.Varint,
  uint: WireType.Varint,
  float: WireType.Bit32,
  double: WireType.Bit64,
};

/** An entry in the table of a message's fields. It starts as `initial`; `read` adds each field with its numbers. */
export interface Slot<T> {
  readonly numbers: readonly number[];
  initial(): T;
  read(field: Field, before: T): T;
}

export const int = (number: number): Slot<number> => once(number, 0, (field) => field.int());
export const string = (number: number): Slot<string> => once(number, '', (field) => field.string());

const once = <T>(number: number, initial: T, read: (field: Field) => T): Slot<T> => ({
  numbers: [number],
  initial: () => initial,
  read,
});

/** A field that may be missing; of several occurrences the last counts. */
export const optional = <T>(read: (field: Field) => T, ...numbers: readonly number[]): Slot<T | undefined> => ({
  numbers,
  initial: () => undefined,
  read,
});

export const list = <T>(number: number, read: (field: Field) => T): Slot<readonly T[]> => ({
  numbers: [number],
  initial: () => [],
  read: (field, before) => {
    (before as T[]).push(read(field));
    return before;
  },
});

/** How many fields there are, unread. */
export const count = (number: number): Slot<number> => ({
  numbers: [number],
  initial: () => 0,
  read: (field, before) => {
    field.skip();
    return before + 1;
  },
});

/** A repeated scalar field, packed or not. */
export const numbers = (number: number, kind: Scalar): Slot<readonly number[]> => ({
  numbers: [number],
  initial: () => [],
  read: (field, before) => {
    field.each(kind, before as number[]);
    return before;
  },
});

/** The values of a message, by the names in its table. */
export type Message<S> = { readonly [K in keyof S]: S[K] extends Slot<infer T> ? T : never };

/**
 * Makes a reader of messages from a table of their fields; it skips all other fields, and throws ModelFormatError when
 * the bytes are not a well-formed message.
 *
 * @param what names the message in errors
 */
export function message<S extends Readonly<Record<string, Slot<unknown>>>>(what: string, slots: S) {
  const byNumber = new Map(
    Object.entries(slots).flatMap(([name, slot]) => slot.numbers.map((number) => [number, { name, slot }] as const)),
  );
  return (source: Uint8Array | Field): Message<S> => {
    const values: Record<string, unknown> = {};
    for (const [name, { initial }] of Object.entries(slots)) values[name] = initial();
    const reader = new BinaryReader(source instanceof Field ? source.bytes() : source);
    try {
      while (reader.pos < reader.len) {
        const [number, wireType] = reader.tag();
        const field = new Field(reader, wireType);
        const found = byNumber.get(number);
        if (found) values[found.name] = found.slot.read(field, values[found.name]);
        else field.skip();
        if (reader.pos > reader.len) throw new ModelFormatError('a value ends beyond its message');
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof FoveaError && reason.startsWith('ONNX ')) throw error;
      throw new ModelFormatError(`ONNX ${what} at byte ${reader.pos}: ${reason}: damaged, or no ONNX`, {
        cause: error,
      });
    }
    return values as Message<S>;
  };
}
