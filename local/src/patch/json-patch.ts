import {
  cloneJson,
  goJsonType,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonEqual,
  setMember,
} from '../json/json.ts';
import { ApiError, badRequest } from '../status/api-error.ts';

const MAX_OPERATIONS = 10_000;

/** An operation cannot be applied. Clients are not told more, as by the real server. */
class PatchProblem extends Error {}

/**
 * RFC 6902 as the real server reads it, which is looser in places: `replace` may set a member that is not there, an absent member of an object is
 * null to `copy` and `test`, a list may be indexed from its end by negative numbers, what stands before the first slash of a path is ignored.
 * The target may be changed, so it must be the caller's own. @throws ApiError 400, 413, or 422 when an operation cannot be applied
 */
export function applyJsonPatch(target: JsonObject, patch: JsonValue): JsonValue {
  if (patch === null) return target;
  if (!Array.isArray(patch)) throw wrongType(patch, 'value of type []handlers.jsonPatchOp');
  if (patch.length > MAX_OPERATIONS) {
    const message = `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`;
    throw new ApiError(413, 'RequestEntityTooLarge', message);
  }
  patch.forEach(checkOperation);
  try {
    return patch.reduce<JsonValue>(applyOperation, target);
  } catch (error) {
    if (!(error instanceof PatchProblem)) throw error;
    throw new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  }
}

function wrongType(value: JsonValue, wanted: string): ApiError {
  return badRequest(`error decoding patch: json: cannot unmarshal ${goJsonType(value)} into Go ${wanted}`);
}

/** @throws ApiError 400 for an operation that is none; a null is one without members */
function checkOperation(operation: JsonValue): void {
  if (operation === null) return;
  if (!isJsonObject(operation)) throw wrongType(operation, 'value of type handlers.jsonPatchOp');
  for (const member of ['op', 'path', 'from']) {
    const text = operation[member];
    if (text !== undefined && text !== null && typeof text !== 'string')
      throw wrongType(text, `struct field jsonPatchOp.${member} of type string`);
  }
}

function applyOperation(document: JsonValue, operation: JsonValue): JsonValue {
  if (!isJsonObject(operation)) throw new PatchProblem('an operation is an object');
  const { op, path, value = null } = operation;
  if (op === 'replace' && path === '') return value;
  if (op === 'test' && path === '') {
    if (!jsonEqual(document, value)) throw new PatchProblem('the test failed');
    return document;
  }
  change(document, operation, value);
  return document;
}

function change(document: JsonValue, { op, path, from }: JsonObject, value: JsonValue): void {
  switch (op) {
    case 'add':
      placeOf(document, path).add(value);
      return;
    case 'remove':
      placeOf(document, path).remove();
      return;
    case 'replace':
      placeOf(document, path).replace(value);
      return;
    case 'move': {
      const source = placeOf(document, from);
      const moved = source.get();
      source.remove();
      placeOf(document, path).add(moved);
      return;
    }
    case 'copy':
      placeOf(document, path).add(cloneJson(placeOf(document, from).get()));
      return;
    case 'test':
      if (!jsonEqual(placeOf(document, path).get(), value)) throw new PatchProblem('the test failed');
      return;
    default:
      throw new PatchProblem('no such operation');
  }
}

/** A member of an object or an item of a list, there or not. */
interface Place {
  get(): JsonValue;
  add(value: JsonValue): void;
  replace(value: JsonValue): void;
  remove(): void;
}

function placeOf(document: JsonValue, path: JsonValue | undefined): Place {
  const [, ...members] = typeof path === 'string' ? path.split('/').map(decodeMember) : [];
  const last = members.pop();
  if (last === undefined) throw new PatchProblem('no path');
  const parent = members.reduce((value, member) => inside(value, member).get(), document);
  return inside(parent, last);
}

function decodeMember(text: string): string {
  return text.replaceAll('~1', '/').replaceAll('~0', '~');
}

function inside(parent: JsonValue, member: string): Place {
  if (Array.isArray(parent)) return new ItemPlace(parent, member);
  if (isJsonObject(parent)) return new MemberPlace(parent, member);
  throw new PatchProblem('nothing can be in there');
}

class MemberPlace implements Place {
  readonly #parent: JsonObject;
  readonly #name: string;

  constructor(parent: JsonObject, name: string) {
    this.#parent = parent;
    this.#name = name;
  }

  get(): JsonValue {
    return Object.hasOwn(this.#parent, this.#name) ? (this.#parent[this.#name] ?? null) : null;
  }

  add(value: JsonValue): void {
    setMember(this.#parent, this.#name, value);
  }

  replace(value: JsonValue): void {
    this.add(value);
  }

  remove(): void {
    if (!Object.hasOwn(this.#parent, this.#name)) throw new PatchProblem('there is no such member');
    delete this.#parent[this.#name];
  }
}

class ItemPlace implements Place {
  readonly #list: JsonValue[];
  readonly #index: string;

  constructor(list: JsonValue[], index: string) {
    this.#list = list;
    this.#index = index;
  }

  /** The index among so many places; a negative one counts from their end. */
  #at(places: number): number {
    const index = /^[+-]?\d+$/.test(this.#index) ? Number(this.#index) : Number.NaN;
    const place = index < 0 ? index + places : index;
    if (!(place >= 0 && place < places)) throw new PatchProblem('there is no such item');
    return place;
  }

  get(): JsonValue {
    return this.#list[this.#at(this.#list.length)] ?? null;
  }

  add(value: JsonValue): void {
    if (this.#index === '-') this.#list.push(value);
    else this.#list.splice(this.#at(this.#list.length + 1), 0, value);
  }

  replace(value: JsonValue): void {
    this.#list[this.#at(this.#list.length)] = value;
  }

  remove(): void {
    this.#list.splice(this.#at(this.#list.length), 1);
  }
}
