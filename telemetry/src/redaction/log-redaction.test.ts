import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { logRedaction } from './log-redaction.ts';
import { Secrets } from './secrets.ts';

function logged(log: (logger: pino.Logger) => void, secrets: string[] = []): string {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const known = new Secrets();
  known.add(secrets);
  log(pino({ level: 'debug', ...logRedaction(known.scrub) }, sink));
  return lines.join('');
}

describe('a log', () => {
  it('holds nothing that is named like a secret, however deep it lies', () => {
    for (const name of [
      'authorization',
      'apiKey',
      'token',
      'password',
      'cookie',
      'set-cookie',
      'x-api-key',
      'secret',
      'data',
    ]) {
      const value = 'a-value-nobody-knows';
      const line = logged((log) => {
        log.info({ [name]: value, request: { [name]: value, headers: { [name]: value } } }, 'Asked');
      });
      expect(line, name).toContain('Asked');
      expect(line, name).not.toContain(value);
    }
  });

  it('holds no known secret, in whatever sentence, stack, number of times or form', () => {
    const key = 'canary/key+"1"';
    const line = logged(
      (log) => {
        log.error({ err: new Error(`refused ${key} of ${encodeURIComponent(key)}`) }, `Failed with ${key}`);
        log.debug(
          { body: { deep: { deeper: { deepest: [key] } } }, base64: Buffer.from(key).toString('base64') },
          'Debug',
        );
        log.child({ provider: key }).warn('Child');
      },
      [key],
    );
    expect(line.split('\n')).toHaveLength(4);
    for (const form of [
      key,
      JSON.stringify(key).slice(1, -1),
      encodeURIComponent(key),
      Buffer.from(key).toString('base64'),
      'canary',
    ])
      expect(line).not.toContain(form);
  });

  it('holds no credential of a header that nobody knew before', () => {
    expect(
      logged((log) => log.info('Sent Authorization: Bearer abcdefgh.ijkl_mnop and Basic dXNlcjpwYXNz')),
    ).not.toMatch(/abcdefgh|dXNl/);
  });
});
