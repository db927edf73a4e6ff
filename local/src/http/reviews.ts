import { REVIEWS } from '../discovery/discovery.ts';
import type { JsonObject } from '../json/json.ts';
import { objectAt } from '../json/json.ts';
import { fieldError } from '../schema/field-error.ts';
import { ApiError, badRequest } from '../status/api-error.ts';

/** Who the one token belongs to. */
export interface Caller {
  username: string;
  groups: readonly string[];
}

/** True for a path of a review: POST only. */
export function findReview(path: string): string | undefined {
  return REVIEWS.find(({ group, version, plural }) => path === `/apis/${group}/${version}/${plural}`)?.kind;
}

function oneOfAttributes(): ApiError {
  const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  const { type, field, message } = fieldError.invalid('spec.resourceAttributes', null, detail);
  const causes = [{ reason: type, message, field }];
  return new ApiError(422, 'Invalid', `.authorization.k8s.io "" is invalid: ${field}: ${message}`, {
    group: 'authorization.k8s.io',
    causes,
  });
}

/** Answers a review. There is one trust domain: whoever holds the token may do everything. @throws ApiError 400 */
export function answerReview(kind: string, body: JsonObject, caller: Caller, creationTimestamp: string): JsonObject {
  if (body['kind'] !== kind) throw badRequest(`${String(body['kind'])} in version "v1" cannot be handled as a ${kind}`);
  const metadata: JsonObject = {};
  const { apiVersion } = body;
  switch (kind) {
    case 'SelfSubjectReview':
      return {
        kind,
        apiVersion,
        metadata: { creationTimestamp },
        status: { userInfo: { username: caller.username, groups: [...caller.groups] } },
      };
    case 'SelfSubjectAccessReview': {
      const spec = objectAt(body, 'spec') ?? {};
      if ((spec['resourceAttributes'] === undefined) === (spec['nonResourceAttributes'] === undefined))
        throw oneOfAttributes();
      return {
        kind,
        apiVersion,
        metadata,
        spec,
        status: { allowed: true, reason: 'the local engine is one trust domain' },
      };
    }
    default: {
      const everything = ['*'];
      const status = {
        resourceRules: [{ verbs: everything, apiGroups: everything, resources: everything }],
        nonResourceRules: [{ verbs: everything, nonResourceURLs: everything }],
        incomplete: false,
      };
      return { kind, apiVersion, metadata, spec: {}, status };
    }
  }
}
