import { ByteBuffer } from 'flatbuffers';

/** What a `.tflite` file says, as far as tests ask. */
export interface ReadTflite {
  readonly version: number;
  readonly operators: readonly {
    readonly code: number;
    readonly version: number;
    readonly inputs: number[];
    readonly outputs: number[];
  }[];
  /** `offset`: where a constant's bytes begin in the file. */
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: number[];
    readonly bytes: number;
    readonly offset: number;
  }[];
  readonly inputs: number[];
  readonly outputs: number[];
}

/** Reads a FlatBuffers table by the numbers of its fields, which the schema counts from 0. */
class Table {
  constructor(
    private readonly buffer: ByteBuffer,
    private readonly place: number,
  ) {}

  #field(number: number): number {
    const offset = this.buffer.__offset(this.place, 4 + 2 * number);
    return offset === 0 ? 0 : this.place + offset;
  }

  int(number: number, otherwise = 0): number {
    const at = this.#field(number);
    return at === 0 ? otherwise : this.buffer.readInt32(at);
  }

  text(number: number): string {
    return String(this.buffer.__string(this.#field(number)));
  }

  /** Where a vector's elements begin, and how many there are. */
  span(number: number): { readonly start: number; readonly length: number } {
    const at = this.#field(number);
    if (at === 0) return { start: 0, length: 0 };
    const offset = at + this.buffer.readInt32(at);
    return { start: offset + 4, length: this.buffer.readInt32(offset) };
  }

  ints(number: number): number[] {
    const { start, length } = this.span(number);
    return Array.from({ length }, (_, i) => this.buffer.readInt32(start + 4 * i));
  }

  tables(number: number): Table[] {
    const { start, length } = this.span(number);
    return Array.from({ length }, (_, i) => {
      const at = start + 4 * i;
      return new Table(this.buffer, at + this.buffer.readInt32(at));
    });
  }
}

/** @throws Error for another kind of file */
export function readTflite(bytes: Uint8Array): ReadTflite {
  const buffer = new ByteBuffer(bytes);
  if (!buffer.__has_identifier('TFL3')) throw new Error('the file is no .tflite file');
  const model = new Table(buffer, buffer.readInt32(0));
  const codes = model.tables(1);
  const buffers = model.tables(4).map((table) => table.span(0));
  const [graph] = model.tables(2);
  return {
    version: model.int(0),
    operators: graph.tables(3).map((operator) => {
      const code = codes[operator.int(0)];
      return { code: code.int(3), version: code.int(2, 1), inputs: operator.ints(1), outputs: operator.ints(2) };
    }),
    tensors: graph.tables(0).map((tensor) => {
      const { start, length } = buffers[tensor.int(2)];
      return { name: tensor.text(3), shape: tensor.ints(0), bytes: length, offset: start };
    }),
    inputs: graph.ints(1),
    outputs: graph.ints(2),
  };
}
