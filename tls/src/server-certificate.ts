import { mkdirSync } from 'node:fs';
import { type KeyPair, readPair, writePair } from './key-pair-files.ts';

/** What a server needs to serve https, and its clients to trust it. PEM. */
export interface ServerCertificate extends KeyPair {
  caPem: string;
}

/** The folder's CA and server certificate, made or renewed when needed. The folder and its files are the owner's alone. */
export async function serverCertificate(dir: string, nowMs: number): Promise<ServerCertificate> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  let authority = readPair(dir, 'ca', nowMs);
  let server = authority && readPair(dir, 'server', nowMs, authority);
  if (!authority || !server) {
    // Loaded only here: a start with certificates at hand is spared 10 MB and the time.
    const issue = await import('./issue-certificates.ts');
    authority ??= writePair(dir, 'ca', await issue.issueAuthority(nowMs));
    server = writePair(dir, 'server', await issue.issueServerCertificate(authority, nowMs));
  }
  return { ...server, caPem: authority.certPem };
}
