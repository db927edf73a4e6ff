import { notAcceptable } from '../status/api-error.ts';

/** What a client asked for. */
export type Wanted = { form: 'whole' } | { form: 'table'; apiVersion: string } | { form: 'metadata' };

const ACCEPTED = ['application/json'];

interface Clause {
  type: string;
  parameters: Map<string, string>;
}

function clausesOf(header: string): Clause[] {
  return header.split(',').map((clause) => {
    const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
    const pairs = rest.map((part) => part.split('=').map((side) => side.trim()) as [string, string]);
    return { type: type.toLowerCase(), parameters: new Map(pairs) };
  });
}

function wantedBy(clause: Clause, isList: boolean): Wanted | undefined {
  if (!['application/json', 'application/*', '*/*'].includes(clause.type)) return undefined;
  const as = clause.parameters.get('as');
  if (as === undefined) return { form: 'whole' };
  if (clause.parameters.get('g') !== 'meta.k8s.io') return undefined;
  const version = clause.parameters.get('v') ?? '';
  if (as === 'Table' && (version === 'v1' || version === 'v1beta1'))
    return { form: 'table', apiVersion: `meta.k8s.io/${version}` };
  const partial = isList ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return as === partial && version === 'v1' ? { form: 'metadata' } : undefined;
}

/** The first form in the header that can be served. @param isList for lists, not watches. @throws ApiError 406 */
export function negotiate(header: string | undefined, isList: boolean): Wanted {
  if (!header) return { form: 'whole' };
  for (const clause of clausesOf(header)) {
    const wanted = wantedBy(clause, isList);
    if (wanted) return wanted;
  }
  throw notAcceptable(ACCEPTED);
}

/** True when the header asks for aggregated discovery, of this version or any. */
export function wantsAggregatedDiscovery(header: string | undefined): boolean {
  if (!header) return false;
  const [first] = clausesOf(header).filter(({ type }) => type === 'application/json');
  return first?.parameters.get('as') === 'APIGroupDiscoveryList' && first.parameters.get('v') === 'v2';
}
