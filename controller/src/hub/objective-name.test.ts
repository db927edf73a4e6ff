import { expect, it } from 'vitest';
import { objectiveName } from './objective-name.ts';

const bytes = (size: number) => Buffer.alloc(size, 1);

it.each([
  ['Plan a tide chart', 'plan-a-tide-chart-ccccc'],
  ['  ¡Résumé – in 3 Steps!  ', 'resume-in-3-steps-ccccc'],
  ['潮汐表を作る', 'objective-ccccc'],
  ['x'.repeat(300), `${'x'.repeat(36)}-ccccc`],
])('makes a name of the first words of %j', (directive, name) => {
  expect(objectiveName(directive, bytes)).toBe(name);
});
