import type { JsonObject } from '../json/json.ts';
import { aggregateMessage, type FieldError } from '../schema/field-error.ts';

/** One cause in `details.causes` of a Status. */
export type StatusCause = { reason?: string; message?: string; field?: string };

/** `details` of a Status. `kind` holds the resource's plural for most errors, and the kind for Invalid, as in the real API. */
export type StatusDetails = {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
};

/** What names a resource in error messages. */
export interface GroupResource {
  group: string;
  plural: string;
}

/** An error that is answered to the client as a `Status` object. Messages follow apimachinery's `errors` package at 1.34. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** `metadata.continue` of the Status: only an expired list token carries one. */
  readonly continueToken: string | undefined;

  constructor(code: number, reason: string, message: string, details?: StatusDetails, continueToken?: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.continueToken = continueToken;
  }

  /** The Status object for the wire. */
  toStatus(): JsonObject {
    const status: JsonObject = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      message: this.message,
    };
    if (this.reason) status['reason'] = this.reason;
    if (this.details) status['details'] = this.details;
    status['code'] = this.code;
    return status;
  }
}

function qualified(resource: GroupResource): string {
  return resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
}

function detailsOf(resource: GroupResource, name: string): StatusDetails {
  return { ...(name && { name }), ...(resource.group && { group: resource.group }), kind: resource.plural };
}

export function notFound(resource: GroupResource, name: string): ApiError {
  return new ApiError(
    404,
    'NotFound',
    `${qualified(resource)} ${JSON.stringify(name)} not found`,
    detailsOf(resource, name),
  );
}

export function alreadyExists(resource: GroupResource, name: string): ApiError {
  return new ApiError(
    409,
    'AlreadyExists',
    `${qualified(resource)} ${JSON.stringify(name)} already exists`,
    detailsOf(resource, name),
  );
}

/** The name was generated and is taken: clients may try again. */
export function generatedNameTaken(resource: GroupResource, name: string): ApiError {
  const message = `${qualified(resource)} ${JSON.stringify(name)} already exists, the server was not able to generate a unique name for the object`;
  return new ApiError(409, 'AlreadyExists', message, { ...detailsOf(resource, name), retryAfterSeconds: 1 });
}

export function conflict(resource: GroupResource, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} ${JSON.stringify(name)}: ${why}`;
  return new ApiError(409, 'Conflict', message, detailsOf(resource, name));
}

/** The words of an optimistic-lock failure: clients compare them. */
export const MODIFIED_MESSAGE =
  'the object has been modified; please apply your changes to the latest version and try again';

export function forbidden(resource: GroupResource, name: string, why: string, causes?: StatusCause[]): ApiError {
  const subject = name ? `${qualified(resource)} ${JSON.stringify(name)}` : qualified(resource);
  return new ApiError(403, 'Forbidden', `${subject} is forbidden: ${why}`, {
    ...detailsOf(resource, name),
    ...(causes && { causes }),
  });
}

/** 422 with one cause per field error; the message lists each different error once. */
export function invalid(group: string, kind: string, name: string, errors: readonly FieldError[]): ApiError {
  const subject = `${group ? `${kind}.${group}` : kind} ${JSON.stringify(name)} is invalid`;
  const causes = errors.map(({ type, message, field }) => ({ reason: type, message, field }));
  return new ApiError(422, 'Invalid', errors.length > 0 ? `${subject}: ${aggregateMessage(errors)}` : subject, {
    ...(name && { name }),
    ...(group && { group }),
    kind,
    ...(causes.length > 0 && { causes }),
  });
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}

export function methodNotAllowed(): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** 405 of a resource that is there, but not for this verb. */
export function methodNotSupported(resource: GroupResource, verb: string): ApiError {
  const message = `${verb} is not supported on resources of kind ${JSON.stringify(qualified(resource))}`;
  return new ApiError(405, 'MethodNotAllowed', message, detailsOf(resource, ''));
}

/** 404 for a path that the local engine does not serve. It says so, since a real cluster might. */
export function noSuchResource(path: string): ApiError {
  const message = `the server could not find the requested resource (the local engine does not serve ${path}; a Kubernetes cluster may)`;
  return new ApiError(404, 'NotFound', message, {});
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new ApiError(415, 'UnsupportedMediaType', message);
}

export function notAcceptable(accepted: readonly string[]): ApiError {
  return new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);
}

export function tooLarge(limitBytes: number): ApiError {
  return new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`);
}

/** 410: the revision asked for has been compacted away. */
export function expired(message: string, continueToken?: string): ApiError {
  return new ApiError(410, 'Expired', message, undefined, continueToken);
}

/** 504: a revision from the future was asked for. */
export function futureRevision(asked: number, current: number): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** 507: no room on the disk. The real server answers what etcd says then ("etcdserver: mvcc: database space exceeded") as 500. */
export function insufficientStorage(why: string): ApiError {
  return new ApiError(507, 'InsufficientStorage', why);
}

export function internalError(why: string): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] });
}
