import type { KubeObject } from '../json/kube-object.ts';

/** The object as bytes for the log and the wire, apiVersion and kind first: lists of built-in kinds cut them off by length. */
export function encodeObject(object: KubeObject): Buffer {
  const { apiVersion, kind, ...rest } = object;
  return Buffer.from(JSON.stringify({ apiVersion, kind, ...rest }));
}

export function decodeObject(bytes: Buffer): KubeObject {
  return JSON.parse(bytes.toString()) as KubeObject;
}

/**
 * Gives memory back at once that nobody will look at again: what a long list reads would wait for the garbage collector, some 30 MB of it. Bytes that
 * share their memory with others (slabs of small buffers) are left alone.
 */
export function freeBytes({ buffer, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
}
