import { writeFileSync } from 'node:fs';

/** Writes a kubeconfig for a server that a test started. Without a CA the server is taken as it is: it listens on loopback. */
export function writeKubeconfig(path: string, place: { url: string; token: string; ca?: string }): void {
  const trust =
    place.ca === undefined
      ? { 'insecure-skip-tls-verify': true }
      : { 'certificate-authority-data': Buffer.from(place.ca).toString('base64') };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'conformance', cluster: { server: place.url, ...trust } }],
    users: [{ name: 'admin', user: { token: place.token } }],
    contexts: [{ name: 'conformance', context: { cluster: 'conformance', user: 'admin', namespace: 'default' } }],
    'current-context': 'conformance',
  };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
}
