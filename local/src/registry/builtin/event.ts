import { dnsSubdomainProblems, qualifiedNameProblems } from '../../admission/names.ts';
import { objectAt, stringAt } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import { type FieldError, fieldError } from '../../schema/field-error.ts';
import { builtinResource } from './builtin-strategy.ts';
import { int32, microTime, string, struct, time } from './go-fields.ts';

const reference = struct('ObjectReference', {
  kind: string,
  namespace: string,
  name: string,
  uid: string,
  apiVersion: string,
  resourceVersion: string,
  fieldPath: string,
});

const LIMITS = { reportingInstance: 128, action: 128, reason: 128, message: 1024 } as const;

/** Only events with an eventTime, the newer form, must say who, what and why. */
function validateNewForm(object: KubeObject, involvedNamespace: string): FieldError[] {
  const { namespace = '' } = object.metadata;
  const errors: FieldError[] = [];
  if (!involvedNamespace && namespace !== 'default' && namespace !== 'kube-system')
    errors.push(wrongNamespace(involvedNamespace));
  const reporter = stringAt(object, 'reportingComponent') ?? '';
  if (!reporter) errors.push(fieldError.required('reportingComponent'));
  errors.push(
    ...qualifiedNameProblems(reporter).map((problem) => fieldError.invalid('reportingComponent', reporter, problem)),
  );
  for (const [member, limit] of Object.entries(LIMITS)) {
    const text = stringAt(object, member) ?? '';
    if (!text && member !== 'message') errors.push(fieldError.required(member));
    if (Buffer.byteLength(text) > limit)
      errors.push(fieldError.invalid(member, '', `can have at most ${limit} characters`));
  }
  return errors;
}

function wrongNamespace(namespace: string): FieldError {
  return fieldError.invalid('involvedObject.namespace', namespace, 'does not match event.namespace');
}

/** As `legacyValidateEvent`: nothing else is checked on core events, not even their names. */
function validateEvent(object: KubeObject): FieldError[] {
  const { namespace = '' } = object.metadata;
  const involved = stringAt(objectAt(object, 'involvedObject'), 'namespace') ?? '';
  const errors: FieldError[] = [];
  if (object['eventTime']) errors.push(...validateNewForm(object, involved));
  else if (involved ? involved !== namespace : namespace !== '' && namespace !== 'default')
    errors.push(wrongNamespace(involved));
  return [
    ...errors,
    ...dnsSubdomainProblems(namespace).map((problem) => fieldError.invalid('namespace', namespace, problem)),
  ];
}

const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;

function selectableFields(object: KubeObject): { [path: string]: string } {
  const involved = objectAt(object, 'involvedObject');
  const fields: { [path: string]: string } = {
    reason: stringAt(object, 'reason') ?? '',
    reportingComponent: stringAt(object, 'reportingComponent') ?? '',
    source: stringAt(objectAt(object, 'source'), 'component') || (stringAt(object, 'reportingComponent') ?? ''),
    type: stringAt(object, 'type') ?? '',
  };
  for (const member of INVOLVED) fields[`involvedObject.${member}`] = stringAt(involved, member) ?? '';
  return fields;
}

/** Events, as core/v1. They expire after a time by `gc/event-expiry.ts`. */
export const events = builtinResource({
  group: '',
  version: 'v1',
  plural: 'events',
  singular: 'event',
  kind: 'Event',
  shortNames: ['ev'],
  namespaced: true,
  fields: {
    involvedObject: reference,
    reason: string,
    message: string,
    source: struct('EventSource', { component: string, host: string }),
    firstTimestamp: time,
    lastTimestamp: time,
    count: int32,
    type: string,
    eventTime: microTime,
    series: struct('EventSeries', { count: int32, lastObservedTime: microTime }),
    action: string,
    related: reference,
    reportingComponent: string,
    reportingInstance: string,
  },
  always: {
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
  strategy: {
    allowCreateOnUpdate: true,
    validateCreate: validateEvent,
    validateUpdate: validateEvent,
    selectableFields,
    selectableFieldNames: [
      'reason',
      'reportingComponent',
      'source',
      'type',
      ...INVOLVED.map((member) => `involvedObject.${member}`),
    ],
  },
});
