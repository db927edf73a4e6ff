import type { Clock } from '@dark-carnival/crds/clock';
import { type CredentialSource, type Credentials, KubeconfigError } from './cluster-config.ts';

/** Where one credential comes from: given in the configuration, or in a file that may be rotated. */
export type CredentialPart = { readonly value: string } | { readonly file: string };

/** Each part of the credentials that the configuration names. */
export type CredentialParts = { readonly [Part in keyof Credentials]?: CredentialPart };

export interface FileCredentialOptions {
  clock: Clock;
  readFile: (path: string) => string;
  /** How long a file's content is trusted; client-go and the kubelet's projected tokens assume a minute. */
  rereadMs?: number;
}

/**
 * Reads the named files now, and again at most once per `rereadMs`. A file that cannot be read later (it is just being replaced) keeps its
 * last content.
 * @throws KubeconfigError when a file cannot be read at the start.
 */
export function fileCredentials(parts: CredentialParts, options: FileCredentialOptions): CredentialSource {
  const { clock, rereadMs = 60_000 } = options;
  let known = readParts(parts, options.readFile);
  let readAt = clock.monotonic();
  const rotates = Object.values(parts).some((part) => 'file' in part);
  return {
    current() {
      if (!rotates || clock.monotonic() - readAt < rereadMs) return known;
      readAt = clock.monotonic();
      known = rereadParts(parts, options.readFile, known);
      return known;
    },
    refresh() {
      readAt = Number.NEGATIVE_INFINITY;
    },
  };
}

function readParts(parts: CredentialParts, readFile: (path: string) => string): Credentials {
  const entries = Object.entries(parts).map(([name, part]) => [name, readPart(name, part, readFile)]);
  return Object.fromEntries(entries) as Credentials;
}

function readPart(name: string, part: CredentialPart, readFile: (path: string) => string): string {
  if ('value' in part) return part.value;
  try {
    const content = readFile(part.file);
    return name === 'token' ? content.trim() : content;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new KubeconfigError(
      `cannot read ${part.file} (${code}), which the kubeconfig names: correct the path or its rights`,
    );
  }
}

function rereadParts(parts: CredentialParts, readFile: (path: string) => string, known: Credentials): Credentials {
  let fresh: Credentials;
  try {
    fresh = readParts(parts, readFile);
  } catch {
    return known;
  }
  // The same object while nothing changed: the transport keys its connection pool on it.
  const names = Object.keys(fresh) as (keyof Credentials)[];
  return names.every((name) => fresh[name] === known[name]) ? known : fresh;
}
