import type { Json, Outcome } from '../case.ts';

/**
 * Makes the outcomes of two engines comparable: what each chooses freely (uids, versions, times, tokens, the order of errors)
 * becomes a symbol that keeps what matters, such as which uids are equal and which version is newer.
 */

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** As documents are told apart by: kubectl keeps what it has read under it. */
const HASH = /[0-9A-F]{128}/g;
const HTTP_TIME = /[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (GMT|UTC)/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const TIME_KEYS = new Set(['creationTimestamp', 'deletionTimestamp', 'time', 'lastTransitionTime']);
/** An age as kubectl prints it, alone in its column. */
const AGE = /(?<=^|\s)(\d+[smhd])(\d+[smhd])?(?=\s|$)/g;

/** Versions that messages of either engine name. */
const VERSION_IN_WORDS = /(ResourceVersion in record \(|current: |too old resource version: )\d+( \(\d+\))?/g;
/** Go walks a map in any order, and ends where a field is not declared: which of several problems it tells of is chance. */
const UNDECLARED = /(failed to create typed patch object \([^)]*\): ).*field not declared in schema.*/s;
const TYPE_ERRORS = /(failed to create typed patch object \([^)]*\): errors:\n)(.*)/s;
/** Names that were generated, where the case's prefix says so, as errors name them. */
const GENERATED = /(gen-)[bcdfghjklmnpqrstvwxz2456789]{5}\b/gi;
/** Where a prefix of generated names is cut off. */
const MAX_PREFIX = 58;
const OBJECT_MISSES = /(is missing in )'\{.*\}'/gs;
/** The object that a message repeats. */
const OBJECT_IN_WORDS = /(patch: )?Invalid value: "\{.*\}"/gs;

type JsonObject = { [key: string]: Json };
const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Options {
  url: string;
  keepManagedFields: boolean;
}

class Symbols {
  readonly #uids = new Map<string, string>();
  readonly #ranks = new Map<string, string>();
  readonly #hashes = new Map<string, string>();
  readonly #url: string;

  constructor(versions: Set<string>, url: string) {
    this.#url = url;
    const ordered = [...versions].sort((a, b) => Number(a) - Number(b));
    for (const [i, version] of ordered.entries()) this.#ranks.set(version, `<version ${i + 1}>`);
  }

  rank(version: string): string {
    return this.#ranks.get(version) ?? version;
  }

  uid(uid: string): string {
    const known = this.#uids.get(uid) ?? `<uid ${this.#uids.size + 1}>`;
    this.#uids.set(uid, known);
    return known;
  }

  /** Hashes of documents, times. */
  header(value: string): string {
    return this.text(value)
      .replace(HASH, (hash) => this.hash(hash))
      .replace(HTTP_TIME, '<time>');
  }

  hash(hash: string): string {
    const known = this.#hashes.get(hash) ?? `<hash ${this.#hashes.size + 1}>`;
    this.#hashes.set(hash, known);
    return known;
  }

  text(text: string): string {
    return text
      .replace(VERSION_IN_WORDS, '$1<version>')
      .replace(UUID, (uid) => this.uid(uid))
      .replaceAll(this.#url, '<server>')
      .replaceAll(this.#url.replace('https://', ''), '<server>');
  }
}

/** The versions of single objects; those of lists and bookmarks move with whatever else the server does. */
function collectVersions(value: Json, versions: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectVersions(item, versions);
  else if (isObject(value)) {
    const { name, resourceVersion } = value;
    if (typeof name === 'string' && typeof resourceVersion === 'string' && /^\d+$/.test(resourceVersion))
      versions.add(resourceVersion);
    for (const member of Object.values(value)) collectVersions(member, versions);
  }
}

function sortedCauses(status: JsonObject): JsonObject {
  const { details, message } = status;
  if (!isObject(details) || !Array.isArray(details['causes']) || details['causes'].length < 2) return status;
  const key = (cause: Json) => {
    const { field, reason, message } = isObject(cause) ? cause : {};
    return JSON.stringify([field, reason, typeof message === 'string' ? words(message) : message]);
  };
  const causes = [...details['causes']].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const said =
    typeof message === 'string'
      ? message.replace(/ is invalid: \[.*\]$/s, ' is invalid: [<causes>]')
      : (message ?? null);
  return { ...status, message: said, details: { ...details, causes } };
}

/** A cell of a table: times and ages are of the moment. */
const cell = (value: Json) => (typeof value === 'string' ? value.replace(TIME, '<time>').replace(AGE, '<age>') : value);

/** The order in which a group's resources are told is that of a Go map. */
function sortedResources(list: JsonObject): JsonObject {
  const { resources } = list;
  const name = (item: Json) => (isObject(item) && typeof item['name'] === 'string' ? item['name'] : '');
  return Array.isArray(resources)
    ? { ...list, resources: [...resources].sort((a, b) => (name(a) < name(b) ? -1 : 1)) }
    : list;
}

/** Owners of fields of the same second are listed by name, of others by time: the order is chance where both are quick. */
function sortedOwners(metadata: JsonObject, entries: Json[]): JsonObject {
  const key = (entry: Json) => {
    const { operation, manager, apiVersion, subresource } = isObject(entry) ? entry : {};
    return JSON.stringify([operation, manager, apiVersion, subresource]);
  };
  return { ...metadata, managedFields: [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1)) };
}

function inOrder(value: JsonObject): JsonObject {
  const { managedFields } = value;
  if (Array.isArray(managedFields)) return sortedOwners(value, managedFields);
  if (value['kind'] === 'Status') return sortedCauses(value);
  return value['kind'] === 'APIResourceList' ? sortedResources(value) : value;
}

function member(key: string, value: Json, owner: JsonObject, symbols: Symbols, options: Options): Json {
  if (key === 'cells' && Array.isArray(value)) return value.map(cell);
  const chosen = typeof value === 'string' ? chosenByServer(key, value, owner, symbols) : undefined;
  return chosen ?? json(value, symbols, options);
}

/** The symbol of a text that each server chooses freely; undefined for any other. */
function chosenByServer(key: string, value: string, owner: JsonObject, symbols: Symbols): string | undefined {
  if (TIME_KEYS.has(key)) return value.replace(TIME, '<time>');
  if (key === 'continue' && value !== '') return '<continue>';
  if (key === 'resourceVersion')
    return typeof owner['name'] === 'string' ? symbols.rank(value) : value === '' ? '' : '<version>';
  return key === 'name' && typeof owner['generateName'] === 'string'
    ? generatedName(value, owner['generateName'].slice(0, MAX_PREFIX))
    : undefined;
}

function generatedName(name: string, prefix: string): string | undefined {
  return name.startsWith(prefix) ? `${prefix}<${name.length - prefix.length}>` : undefined;
}

function words(text: string): string {
  return text
    .replace(GENERATED, '$1<5>')
    .replace(OBJECT_MISSES, '$1<object>')
    .replace(OBJECT_IN_WORDS, '$1Invalid value: <object>')
    .replace(UNDECLARED, '$1<a field that is not declared>')
    .replace(TYPE_ERRORS, (_all, head: string, errors: string) => head + errors.split('\n').sort().join('\n'));
}

function json(value: Json, symbols: Symbols, options: Options): Json {
  if (typeof value === 'string') return symbols.text(words(value));
  if (Array.isArray(value)) return value.map((item) => json(item, symbols, options));
  if (!isObject(value)) return value;
  const owner = inOrder(value);
  // Sorted: symbols are given in the order in which values are met.
  const entries = Object.entries(owner)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .filter(
      ([key, item]) => (options.keepManagedFields || key !== 'managedFields') && !(key === 'continue' && item === ''),
    )
    // A key of managed fields may name an item of a list by its uid.
    .map(([key, item]): [string, Json] => [
      key.startsWith('k:') ? symbols.text(key) : key,
      member(key, item, owner, symbols, options),
    ]);
  return Object.fromEntries(entries);
}

/** Files that kubectl makes for `diff` and `edit`, and the times at which diff says that they were changed. */
const TEMPORARY = /\S*\/(LIVE|MERGED|\S+?-edit)-[a-z0-9]+/g;
const DIFF_TIME = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g;
/** When, and in which process, a client of Kubernetes logged a line. */
const LOG_HEAD = /^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ /;
/** What it logs when it ends a watch itself depends on how far the watch had come. */
const OWN_WATCH_ENDED = /^[EIW]\S* (reflector|streamwatcher)\.go/;
/** An object as Go prints it, to the end of its line. */
const GO_OBJECT = /map\[string\]interface \{\}\{.*\}/;

const indentOf = (line: string) => line.length - line.trimStart().length;

/** Leaves out the record of field owners, as YAML, JSON and `describe` of an older kubectl show it: its order hangs on whose second it was. */
function withoutManagedFields(given: string[]): string[] {
  const kept: string[] = [];
  let inside: number | undefined;
  for (const line of given) {
    if (inside !== undefined) {
      const indent = indentOf(line);
      if (line.trim() === '' || indent > inside || (indent === inside && /^\s*(- |\])/.test(line))) continue;
      inside = undefined;
    }
    if (/^\s*(managedFields:|"managedFields": \[|Managed Fields:)$/.test(line)) inside = indentOf(line);
    else kept.push(line);
  }
  return kept;
}

/** One object on one line, as `kubectl get --raw` prints it; undefined for any other text. */
function rawObject(text: string): Json | undefined {
  if (!/^\{.*\}\n?$/.test(text)) return undefined;
  try {
    return JSON.parse(text.replace(/"resourceVersion":"\d+"/g, '"resourceVersion":"<version>"')) as Json;
  } catch {
    return undefined;
  }
}

/** What kubectl printed, line by line, without widths, ages, times and versions; errors of one answer are sorted. */
function lines(text: string, symbols: Symbols, options: Options): Json {
  const object = rawObject(text);
  if (object !== undefined) return json(object, symbols, options);
  const printed = text.split('\n');
  const plain = (options.keepManagedFields ? printed : withoutManagedFields(printed))
    .map((line) =>
      symbols
        .text(line.replace(OBJECT_IN_WORDS, '$1Invalid value: <object>'))
        .replace(TIME, '<time>')
        .replace(DIFF_TIME, '<time>')
        .replace(LOG_HEAD, '$1 ')
        .replace(TEMPORARY, '$1')
        .replace(GO_OBJECT, '<object>')
        .replace(/(resourceVersion"?: |Resource Version:\s+)"?\d+"?/, '$1<version>'),
    )
    .map((line) =>
      line
        .replace(AGE, '<age>')
        .replace(/(?<=\S)[ \t]+/g, ' ')
        .trimEnd(),
    )
    .filter((line) => line !== '' && !OWN_WATCH_ENDED.test(line));
  const errors = plain.filter((line) => line.startsWith('* ')).sort();
  return plain.map((line) => (line.startsWith('* ') ? (errors.shift() ?? line) : line));
}

/** The outcomes of one engine with its own choices turned into symbols. */
export function normalize(outcomes: Outcome[], options: Options): Json[] {
  const versions = new Set<string>();
  for (const outcome of outcomes) if (outcome.kind === 'answer') collectVersions(outcome.body, versions);
  for (const outcome of outcomes)
    if (outcome.kind === 'events')
      collectVersions(
        outcome.events.filter((event) => !isBookmark(event)),
        versions,
      );
  const symbols = new Symbols(versions, options.url);
  const printed = (text: string) => lines(text, symbols, options);
  return outcomes.map((outcome) => {
    if (outcome.kind === 'quiet') return null;
    if (outcome.kind === 'events') return { events: json(outcome.events, symbols, options), ended: outcome.ended };
    if (outcome.kind === 'kubectl')
      return { code: outcome.code, stdout: printed(outcome.stdout), stderr: printed(outcome.stderr) };
    const { status, contentType, body } = outcome;
    const warnings = outcome.warnings.map((warning) => symbols.text(warning));
    const headers = Object.fromEntries(
      Object.entries(outcome.headers).map(([name, value]) => [name, symbols.header(value)]),
    );
    return { status, contentType, warnings, headers, body: json(body, symbols, options) };
  });
}

const isBookmark = (event: Json) => isObject(event) && event['type'] === 'BOOKMARK';
