import * as z from 'zod';
import { fieldError } from '../schema/field-error.ts';
import { badRequest, invalid } from '../status/api-error.ts';
import { type Body, parseBody } from './decode.ts';

/** How a deletion treats what the object owns. */
export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

/** The part of `meta/v1 DeleteOptions` that matters here: nothing has a grace period. */
export interface DeleteOptions {
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  propagationPolicy?: PropagationPolicy | undefined;
  dryRun: boolean;
}

const POLICIES = ['Foreground', 'Background', 'Orphan'] as const;

const wireOptions = z.object({
  preconditions: z.object({ uid: z.string().nullish(), resourceVersion: z.string().nullish() }).nullish(),
  propagationPolicy: z.string().nullish(),
  orphanDependents: z.boolean().nullish(),
  dryRun: z.array(z.string()).nullish(),
});

function policyOf(
  policy: string | null | undefined,
  orphan: boolean | null | undefined,
): PropagationPolicy | undefined {
  if (typeof orphan === 'boolean') return orphan ? 'Orphan' : 'Background';
  if (!policy) return undefined;
  const known = POLICIES.find((item) => item === policy);
  if (known) return known;
  const errors = [fieldError.notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil'])];
  throw invalid('meta.k8s.io', 'DeleteOptions', '', errors);
}

function textOrNull(text: string | null): boolean | undefined {
  return text === null ? undefined : text === 'true' || text === '1';
}

/** Reads the options from the body, or from the query where there is no body. @throws ApiError */
export function readDeleteOptions(body: Body | undefined, query: URLSearchParams): DeleteOptions {
  if (!body || body.bytes.length === 0) {
    const policy = policyOf(query.get('propagationPolicy'), textOrNull(query.get('orphanDependents')));
    return { propagationPolicy: policy, dryRun: query.getAll('dryRun').includes('All') };
  }
  const parsed = wireOptions.safeParse(parseBody(body, 'DeleteOptions'));
  if (!parsed.success) throw badRequest(`DeleteOptions cannot be handled: ${z.prettifyError(parsed.error)}`);
  const { preconditions, propagationPolicy, orphanDependents, dryRun } = parsed.data;
  return {
    uid: preconditions?.uid ?? undefined,
    resourceVersion: preconditions?.resourceVersion ?? undefined,
    propagationPolicy: policyOf(propagationPolicy, orphanDependents),
    dryRun: (dryRun ?? []).includes('All') || query.getAll('dryRun').includes('All'),
  };
}
