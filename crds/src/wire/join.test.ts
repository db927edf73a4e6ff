import { describe, expect, it } from 'vitest';
import { formatJoinToken, type JoinToken, parseJoinToken } from './join.ts';

const TOKEN: JoinToken = {
  url: 'https://192.168.1.116:8000',
  fingerprint: `sha256:${'ab'.repeat(32)}`,
  namespace: 'default',
  id: 'abcdef0123',
  secret: 'x'.repeat(43),
};
const encode = (where: unknown) => Buffer.from(JSON.stringify(where)).toString('base64url');

describe('the text of a join token', () => {
  it('is one word that no shell touches, and reads back as what it was', () => {
    const word = formatJoinToken(TOKEN);
    expect(word).toMatch(/^carnival-join\.[A-Za-z0-9_-]+\.abcdef0123\.x{43}$/);
    expect(parseJoinToken(`  ${word}\n`)).toEqual(TOKEN);
    const { fingerprint: _, ...onLoopback } = { ...TOKEN, url: 'http://127.0.0.1:8000' };
    expect(parseJoinToken(formatJoinToken(onLoopback))).toEqual(onLoopback);
  });

  const where = encode({ u: TOKEN.url, f: TOKEN.fingerprint, n: TOKEN.namespace });
  it.each([
    ['nothing', ''],
    ['another word', 'eyJhbGciOi.x.y.z'],
    ['a missing part', `carnival-join.${where}.abcdef0123`],
    ['a part too many', `carnival-join.${where}.abcdef0123.${TOKEN.secret}.x`],
    ['a short secret', `carnival-join.${where}.abcdef0123.short`],
    ['a strange id', `carnival-join.${where}.ABCDEF0123.${TOKEN.secret}`],
    ['no base64', `carnival-join.***.abcdef0123.${TOKEN.secret}`],
    ['no JSON', `carnival-join.${Buffer.from('{').toString('base64url')}.abcdef0123.${TOKEN.secret}`],
    ['null', `carnival-join.${encode(null)}.abcdef0123.${TOKEN.secret}`],
    ['another scheme', `carnival-join.${encode({ u: 'file:///etc/passwd', n: 'default' })}.abcdef0123.${TOKEN.secret}`],
    [
      'a wrong fingerprint',
      `carnival-join.${encode({ u: TOKEN.url, f: 'sha1:aa', n: 'd' })}.abcdef0123.${TOKEN.secret}`,
    ],
    ['a wrong namespace', `carnival-join.${encode({ u: TOKEN.url, n: '../kube-system' })}.abcdef0123.${TOKEN.secret}`],
    ['a very long word', `carnival-join.${'A'.repeat(5_000)}.abcdef0123.${TOKEN.secret}`],
  ])('is not %s', (_what, word) => {
    expect(parseJoinToken(word)).toBeUndefined();
  });
});
