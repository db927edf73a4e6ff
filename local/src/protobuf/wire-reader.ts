/** The bytes are no protobuf message. */
export class ProtobufError extends Error {}

/** One field of a message as it lies on the wire. */
export interface WireField {
  number: number;
  /** A varint, or the bytes of a string, a message or a packed list. Fixed-width fields are not used by Kubernetes' kinds here. */
  value: bigint | Uint8Array;
}

const MAX_VARINT_BYTES = 10;

/** Reads the fields of a message, in order. @throws ProtobufError */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new ProtobufError('unexpected EOF');
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('integer overflow');
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [number, wireType] = [tag >>> 3, tag & 7];
    if (number === 0) throw new ProtobufError('illegal tag 0');
    if (wireType === 0) yield { number, value: varint() };
    else if (wireType === 2) {
      const length = Number(varint());
      if (length > bytes.length - at) throw new ProtobufError('unexpected EOF');
      yield { number, value: bytes.subarray(at, at + length) };
      at += length;
    } else throw new ProtobufError(`unsupported wire type ${wireType}`);
  }
}
