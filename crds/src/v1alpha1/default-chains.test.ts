import { describe, expect, it } from 'vitest';
import { readDefaultChains } from './default-chains.ts';

describe('the data of carnival-defaults', () => {
  it.each([
    ['nothing', undefined, {}],
    ['no keys', {}, {}],
    ['commas', { critic: 'mistral, gpt-5' }, { critic: ['mistral', 'gpt-5'] }],
    [
      'lines',
      { visionary: 'kimi\nclaude\n', execution: ' ollama.local ' },
      { visionary: ['kimi', 'claude'], execution: ['ollama.local'] },
    ],
  ])('is read with %s', (_what, data, chains) => {
    expect(readDefaultChains(data)).toEqual({ outcome: 'read', chains });
  });

  it.each([
    [
      'a key that is none of the places',
      { critc: 'kimi' },
      'the key "critc" is none of visionary, critic, tactician, execution',
    ],
    ['an empty chain', { critic: ' \n' }, 'critic is empty'],
    [
      'a YAML list',
      { critic: '- kimi\n- gpt' },
      'critic has "-", which is no name of a ModelProvider: separate names by commas',
    ],
    ['JSON', { critic: '["kimi"]' }, 'critic has "[\\"kimi\\"]"'],
    ['a name twice', { critic: 'kimi, kimi' }, 'critic names a ModelProvider twice'],
    ['too many names', { critic: Array.from({ length: 13 }, (_, n) => `p${n}`).join() }, 'a chain holds 12'],
    ['something endless', { critic: 'x'.repeat(1_000_000) }, `critic has "${'x'.repeat(63)}"`],
  ])('is malformed with %s, and says so in one line', (_what, data, message) => {
    const read = readDefaultChains(data as unknown as Record<string, string>);
    expect(read).toEqual({ outcome: 'malformed', message: expect.stringContaining(message) });
    expect(JSON.stringify(read).length).toBeLessThan(300);
  });
});
