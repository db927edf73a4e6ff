import { anObjective } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { StalledError } from '../../runtime/reconcile-errors.ts';
import { ValidatedObjectives } from './validated.ts';

describe('an Objective from the API', () => {
  it('comes with its defaults, whatever the API server has left out', () => {
    const { spec } = new ValidatedObjectives().of({ ...anObjective(), spec: { directive: 'x' } as never });
    expect(spec).toMatchObject({ approval: { mode: 'Manual' }, execution: { retries: 1 }, desiredState: 'Running' });
  });

  it('is read anew when its spec changed, and only then', () => {
    const validated = new ValidatedObjectives();
    const of = (generation: number, desiredState: 'Running' | 'Paused', uid = 'one') =>
      validated.of(anObjective({ metadata: { uid, generation }, spec: { desiredState } })).spec.desiredState;
    expect(of(1, 'Running')).toBe('Running');
    expect(of(2, 'Paused')).toBe('Paused');
    expect(of(1, 'Running', 'another of the same name')).toBe('Running');
  });

  it.each([
    { name: 'a spec that breaks its schema', object: { ...anObjective(), spec: { directive: 7 } as never } },
    { name: 'no spec', object: { ...anObjective(), spec: undefined } },
    { name: 'a status that breaks its schema', object: { ...anObjective(), status: { phase: 'Dancing' } as never } },
  ])('is told to people and not tried again and again, with $name', ({ object }) => {
    expect(() => new ValidatedObjectives().of(object as never)).toThrow(StalledError);
  });
});
