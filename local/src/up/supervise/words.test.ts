import { describe, expect, it } from 'vitest';
import { wordsOf } from './last-words.ts';
import { parseReadyLine, urlOf } from './ready-line.ts';

describe('parseReadyLine', () => {
  it('knows the ready line and takes everything else for log', () => {
    expect(parseReadyLine('{"ready":true,"url":"http://127.0.0.1:1"}')).toEqual({
      ready: true,
      url: 'http://127.0.0.1:1',
    });
    for (const line of [
      '{"ready":false}',
      '{"ready":"true"}',
      '{"level":30}',
      '{"ready":true',
      '[true]',
      'ready',
      '',
    ]) {
      expect(parseReadyLine(line), line).toBeUndefined();
    }
  });

  it('reads a base URL without its last slash, and nothing that is no URL', () => {
    expect(urlOf({ hub: 'http://127.0.0.1:8000/' }, 'hub')).toBe('http://127.0.0.1:8000');
    expect(urlOf({ hub: 'nonsense' }, 'hub')).toBeUndefined();
    expect(urlOf({}, 'hub')).toBeUndefined();
    expect(urlOf(undefined, 'hub')).toBeUndefined();
  });
});

describe('wordsOf', () => {
  it('finds what a person can use in the last lines of a process', () => {
    expect(wordsOf('{"level":60,"msg":"Port is taken","err":{"message":"EADDRINUSE 8080"}}')).toBe(
      'Port is taken: EADDRINUSE 8080',
    );
    expect(wordsOf('Error: no such file')).toBe('Error: no such file');
    expect(wordsOf('x'.repeat(900))?.length).toBe(200);
  });

  it('passes over what went well: it is no reason to end', () => {
    expect(wordsOf('{"level":30,"msg":"Job succeeded"}')).toBeUndefined();
    expect(wordsOf('{"level":40,"msg":"The disk is nearly full"}')).toBe('The disk is nearly full');
  });

  it('passes over stack frames and what node prints around them', () => {
    const noise = [
      '    at run (file:///x.ts:1:1)',
      'Node.js v24.21.0',
      '',
      '    ^',
      'node:internal/x:1',
      '}',
      '{broken',
    ];
    for (const line of noise) expect(wordsOf(line), line).toBeUndefined();
  });
});
