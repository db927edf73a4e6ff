import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RotatingLog } from './rotating-log.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'carnival-log-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('RotatingLog', () => {
  it('keeps the newest lines in at most two bounded files that only we can read', () => {
    const log = new RotatingLog(join(dir, 'x.log'), 100);
    for (let line = 0; line < 50; line += 1) log.write(`line ${line}`);
    const now = readFileSync(log.path, 'utf8');
    const before = readFileSync(`${log.path}.1`, 'utf8');
    expect(now.length).toBeLessThanOrEqual(100);
    expect(before.length).toBeLessThanOrEqual(100);
    expect(`${before}${now}`.endsWith('line 49\n')).toBe(true);
    expect(statSync(log.path).mode & 0o777).toBe(0o600);
  });

  it('goes on in the file of an earlier start', () => {
    new RotatingLog(join(dir, 'x.log'), 100).write('first');
    new RotatingLog(join(dir, 'x.log'), 100).write('second');
    expect(readFileSync(join(dir, 'x.log'), 'utf8')).toBe('first\nsecond\n');
  });

  it('loses lines rather than the program where nothing can be written', () => {
    expect(() => new RotatingLog(join(dir, 'missing', 'x.log')).write('lost')).not.toThrow();
  });
});
