import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const text = (...path: string[]) => readFileSync(join(import.meta.dirname, ...path), 'utf8');

describe('docs/testing-with-the-simulator.md', () => {
  it('shows the example as it is run', () => {
    const example = text('example.test.ts').replace("'./index.ts'", "'@dark-carnival/local/simulator'");
    expect(text('..', '..', '..', 'docs', 'testing-with-the-simulator.md')).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
  });
});
