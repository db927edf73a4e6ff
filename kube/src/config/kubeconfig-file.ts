import { dirname, resolve } from 'node:path';
import { load } from 'js-yaml';
import { KubeconfigError } from './cluster-config.ts';

/** A YAML map whose values nobody has checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** One named entry, and the folder that its relative paths start from. */
export interface Entry {
  readonly fields: Fields;
  readonly folder: string;
  readonly file: string;
}

/** What one or several kubeconfig files say together. */
export interface Kubeconfig {
  readonly files: readonly string[];
  readonly currentContext?: string;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
  readonly contexts: ReadonlyMap<string, Entry>;
}

/** A map, or nothing: every reading of a person's file is total. */
export function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/**
 * Parses kubeconfig files and merges them as kubectl does: the first file to name a cluster, user, context or current-context wins.
 * @throws KubeconfigError when a file is not YAML, or no map.
 */
export function parseKubeconfigs(files: readonly { path: string; content: string }[]): Kubeconfig {
  const clusters = new Map<string, Entry>();
  const users = new Map<string, Entry>();
  const contexts = new Map<string, Entry>();
  let currentContext: string | undefined;
  for (const { path, content } of files) {
    const root = parseRoot(path, content);
    collect(clusters, root['clusters'], 'cluster', path);
    collect(users, root['users'], 'user', path);
    collect(contexts, root['contexts'], 'context', path);
    const current = root['current-context'];
    if (currentContext === undefined && typeof current === 'string' && current !== '') currentContext = current;
  }
  return {
    files: files.map(({ path }) => path),
    ...(currentContext === undefined ? {} : { currentContext }),
    clusters,
    users,
    contexts,
  };
}

function parseRoot(path: string, content: string): Fields {
  let root: unknown;
  try {
    root = content.trim() === '' ? {} : load(content);
  } catch {
    // The parser's own message quotes the line, which may hold a token.
    throw new KubeconfigError(`${path} is not valid YAML: correct it, or name another kubeconfig`);
  }
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    throw new KubeconfigError(`${path} is no kubeconfig: its top level is not a map`);
  }
  return root as Fields;
}

function collect(into: Map<string, Entry>, list: unknown, member: string, file: string): void {
  if (!Array.isArray(list)) return;
  for (const item of list) {
    const { name, [member]: fields } = asFields(item);
    if (typeof name !== 'string' || into.has(name)) continue;
    into.set(name, { fields: asFields(fields), folder: dirname(resolve(file)), file });
  }
}
