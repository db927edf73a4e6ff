/** A path under /api or /apis that names resources. */
export interface ResourceRoute {
  group: string;
  version: string;
  plural: string;
  /** Empty: all namespaces, or a cluster-scoped resource. */
  namespace: string;
  /** Empty: the collection. */
  name: string;
  subresource: string;
}

function decodeSegments(path: string): string[] | undefined {
  try {
    const segments = path.split('/').slice(1);
    return path.includes('%') ? segments.map(decodeURIComponent) : segments;
  } catch {
    return undefined;
  }
}

/** Parses a resource path; undefined when the path is of another kind, or deeper than any resource. */
export function parseRoute(path: string): ResourceRoute | undefined {
  const segments = decodeSegments(path);
  if (!segments) return undefined;
  if (segments.at(-1) === '') segments.pop();
  if (segments.includes('')) return undefined;
  const [root] = segments;
  if (root === 'api' && segments.length > 2) return route('', segments[1] as string, segments.slice(2));
  if (root === 'apis' && segments.length > 3)
    return route(segments[1] as string, segments[2] as string, segments.slice(3));
  return undefined;
}

function route(group: string, version: string, rest: string[]): ResourceRoute | undefined {
  // `/namespaces/x/status` is about the namespace itself.
  const isNamespaced =
    rest[0] === 'namespaces' && rest.length > 2 && !(rest.length === 3 && isNamespaceSubresource(rest[2]));
  const namespace = isNamespaced ? (rest[1] as string) : '';
  const [plural = '', name = '', subresource = '', ...more] = isNamespaced ? rest.slice(2) : rest;
  return more.length > 0 ? undefined : { group, version, plural, namespace, name, subresource };
}

function isNamespaceSubresource(segment: string | undefined): boolean {
  return segment === 'status' || segment === 'finalize';
}
