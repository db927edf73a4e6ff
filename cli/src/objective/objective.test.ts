import { API_VERSION, LABELS } from '@dark-carnival/crds';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CliError } from '../cli-error.ts';
import { fromDirective, fromFile } from './new-objective.ts';
import { slugOf, withSuffix } from './slug.ts';

describe('slugOf', () => {
  it.each([
    ['Plan a tide chart for a small harbour', 'tide-chart-small-harbour'],
    ['Write tests', 'write-tests'],
    ['Schreibe ein Märchen über Gezeiten!', 'schreibe-ein-marchen-uber-gezeiten'],
    ['what is it', 'what-is-it'],
    ['潮汐表を作る', 'objective'],
    ['../../etc/passwd', 'etc-passwd'],
  ])('makes of %j the name %s', (directive, want) => {
    expect(slugOf(directive)).toBe(want);
  });

  it('always gives a name that the API takes, with and without suffix', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (directive, seed) => {
        const slug = slugOf(directive);
        for (const name of [slug, withSuffix(slug, () => (seed % 97) / 97)]) {
          expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
          expect(name.length).toBeLessThanOrEqual(52);
        }
      }),
    );
  });
});

const refusal = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof CliError) return { message: error.message, code: error.exitCode };
  }
  return undefined;
};

describe('an Objective from the command line', () => {
  it('holds the goal, a readable name, and where it shall run', () => {
    expect(fromDirective(' Plan a tide chart ', { role: 'OSINT' }, 'default')).toEqual({
      apiVersion: API_VERSION,
      kind: 'Objective',
      metadata: { name: 'tide-chart', namespace: 'default' },
      spec: { directive: 'Plan a tide chart', wagonSelector: { matchLabels: { [LABELS.role]: 'OSINT' } } },
    });
    expect(fromDirective('x y', { wagon: 'LXC-CORE', name: 'mine' }, 'n')).toMatchObject({
      metadata: { name: 'mine' },
      spec: { wagonName: 'lxc-core' },
    });
  });

  it('refuses an empty goal, one of too many bytes, and flags that exclude each other, as usage errors', () => {
    expect(refusal(() => fromDirective('  ', {}, 'default'))).toMatchObject({ code: 2 });
    expect(refusal(() => fromDirective('é'.repeat(8193), {}, 'default'))?.message).toContain('16386 bytes');
    expect(refusal(() => fromDirective('é'.repeat(8192), {}, 'default'))).toBeUndefined();
    expect(refusal(() => fromDirective('x', { wagon: 'a', role: 'b' }, 'default'))).toMatchObject({ code: 2 });
  });

  it('takes a manifest as kubectl does', () => {
    const manifest = `apiVersion: ${API_VERSION}\nkind: Objective\nmetadata:\n  name: tide-chart\nspec:\n  directive: Plan a tide chart\n  debate: { rounds: 2 }\n`;
    expect(fromFile(manifest, {}, 'default')).toMatchObject({
      metadata: { name: 'tide-chart', namespace: 'default' },
      spec: { directive: 'Plan a tide chart', debate: { rounds: 2 } },
    });
    expect(refusal(() => fromFile(manifest.replace('Objective', 'Wagon'), {}, 'default'))?.message).toContain(
      'a Wagon',
    );
    expect(refusal(() => fromFile(`${manifest}---\n${manifest}`, {}, 'default'))?.message).toContain('several');
    expect(
      refusal(() => fromFile(manifest.replace('name: t', 'namespace: other\n  name: t'), {}, 'default'))?.message,
    ).toContain('-n other');
  });

  it('takes any other file for the goal itself, even where it could be YAML', () => {
    expect(fromFile('Goal: a tide chart\nfor: the harbour\n', {}, 'default').spec.directive).toBe(
      'Goal: a tide chart\nfor: the harbour',
    );
    expect(fromFile('a: b: c {', {}, 'default').spec.directive).toBe('a: b: c {');
  });
});
