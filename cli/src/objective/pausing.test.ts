import { ANNOTATIONS, FIELD_MANAGERS, type Objective } from '@dark-carnival/crds';
import { anObjective } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { pauseOne, resumeOne, resumeStopped, stopOne } from './pausing.ts';

const AT = '2026-11-24T12:00:00.000Z';
type State = 'Running' | 'Paused' | 'Aborted';
const one = (desiredState: State, phase: NonNullable<Objective['status']>['phase'], metadata: object = {}) =>
  anObjective({ metadata, spec: { desiredState }, status: { ...(phase ? { phase } : {}) } });
const ownedBy = (manager: string) => ({
  managedFields: [{ manager, operation: 'Update', fieldsV1: { 'f:spec': { 'f:desiredState': {} } } }],
});
const stopped = (manager: string = FIELD_MANAGERS.control) =>
  one('Paused', 'Debating', { annotations: { [ANNOTATIONS.stoppedAt]: AT }, ...ownedBy(manager) });

describe('stop-all', () => {
  it('pauses what runs, in any phase that has not ended, and marks it', () => {
    for (const phase of [undefined, 'Pending', 'Debating', 'AwaitingHuman', 'Executing', 'Improving'] as const) {
      expect(stopOne(one('Running', phase), AT)).toEqual({
        spec: { desiredState: 'Paused' },
        annotations: { [ANNOTATIONS.stoppedAt]: AT },
      });
    }
  });

  it('leaves what a person paused, what is aborted, and what has ended', () => {
    expect(stopOne(one('Paused', 'Debating'), AT)).toBeUndefined();
    expect(stopOne(one('Aborted', 'Debating'), AT)).toBeUndefined();
    for (const phase of ['Completed', 'Failed', 'Aborted', 'Expired'] as const)
      expect(stopOne(one('Running', phase), AT)).toBeUndefined();
  });
});

describe('resume-all', () => {
  it('lets go on what stop-all has paused, and takes the mark off', () => {
    expect(resumeStopped(stopped())).toEqual({
      spec: { desiredState: 'Running' },
      annotations: { [ANNOTATIONS.stoppedAt]: null },
    });
  });

  it('leaves what a person paused: before, or since, by whatever tool', () => {
    expect(resumeStopped(one('Paused', 'Debating'))).toBeUndefined();
    expect(resumeStopped(stopped('kubectl-edit'))).toBeUndefined();
    const { annotations } = pauseOne(stopped()) ?? {};
    expect(annotations).toEqual({ [ANNOTATIONS.stoppedAt]: null });
  });
});

describe('pause and resume', () => {
  it('are once: again is nothing', () => {
    expect(pauseOne(one('Running', 'Debating'))).toEqual({ spec: { desiredState: 'Paused' } });
    expect(pauseOne(one('Paused', 'Debating'))).toBeUndefined();
    expect(resumeOne(one('Paused', 'Debating'))).toEqual({ spec: { desiredState: 'Running' } });
    expect(resumeOne(one('Running', 'Debating'))).toBeUndefined();
  });

  it('say why they cannot be', () => {
    expect(() => pauseOne(one('Running', 'Completed'))).toThrow(/has ended already: Completed/);
    expect(() => pauseOne(one('Aborted', 'Debating'))).toThrow(/is being aborted/);
    expect(() => resumeOne(one('Aborted', 'Aborted'))).toThrow(/carnival rerun/);
  });
});
