import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { FoveaError, ModelFormatError } from '../../errors';

/** One field of a message, positioned at its value. A repeated scalar may come packed, or one by one: `each` takes both. */
export class Field {
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
    return new TextDecoder().decode(this.bytes());
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

  /** The values of a repeated scalar field, packed or not. */
  each(kind: 'int' | 'uint' | 'float' | 'double', into: number[]): void {
    if (this.wireType !== WireType.LengthDelimited) {
      into.push(this[kind]());
      return;
    }
    const packed = new BinaryReader(this.bytes());
    const value = new Field(packed, SCALAR_WIRE_TYPE[kind]);
    while (packed.pos < packed.len) into.push(value[kind]());
  }

  skip(): void {
    // Groups are the one construct that nests without a length; no ONNX file has them.
    if (this.wireType === WireType.StartGroup) throw new ModelFormatError('a protobuf group, which ONNX does not use');
    this.reader.skip(this.wireType);
  }

  #expect(wireType: WireType): void {
    if (this.wireType !== wireType) {
      throw new ModelFormatError(`a field has wire type ${this.wireType}, expected ${wireType}`);
    }
  }
}

const SCALAR_WIRE_TYPE = {
  int: WireType.Varint,
  uint: WireType.Varint,
  float: WireType.Bit32,
  double: WireType.Bit64,
} as const;

/**
 * Calls `fields[number]` for each field of a protobuf message, and skips the others.
 *
 * @param what names the message in errors
 * @throws ModelFormatError when the bytes are not a well-formed message
 */
export function readMessage(
  bytes: Uint8Array,
  what: string,
  fields: Readonly<Record<number, (field: Field) => void>>,
): void {
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      const field = new Field(reader, wireType);
      const read = fields[number];
      if (read) read(field);
      else field.skip();
      if (reader.pos > reader.len) throw new ModelFormatError('a value ends beyond its message');
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof FoveaError && reason.startsWith('ONNX ')) throw error;
    throw new ModelFormatError(`ONNX ${what} at byte ${reader.pos}: ${reason}: damaged, or no ONNX`, { cause: error });
  }
}
