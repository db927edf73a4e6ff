import { describe, expect, it } from 'vitest';
import { Secrets } from './secrets.ts';

describe('secrets', () => {
  it('are taken out wherever they stand, in each form in which they travel', () => {
    const secrets = new Secrets();
    secrets.add(['sk-abc/def+1', 'quo"ted-key']);
    const text = `${JSON.stringify({ key: 'quo"ted-key' })} sk-abc/def+1 ?k=${encodeURIComponent('sk-abc/def+1')}`;
    expect(secrets.scrub(text)).toBe('{"key":"***"} *** ?k=***');
  });

  it('are taken out whole where one holds another, and old ones too', () => {
    const secrets = new Secrets();
    secrets.add(['secret']);
    secrets.add(['secret-and-more']);
    expect(secrets.scrub('secret-and-more, secret')).toBe('***, ***');
  });

  it('that are too short to be any garble nothing', () => {
    const secrets = new Secrets();
    secrets.add(['a', '']);
    expect(secrets.scrub('a banana')).toBe('a banana');
  });
});
