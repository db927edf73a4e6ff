import { dump } from 'js-yaml';

interface LocalKubeconfig {
  url: string;
  caPem: string;
  token: string;
}

/** The kubeconfig of a local server: CA and token embedded, so the one file is all that kubectl needs. JSON members in the order kubectl writes them. */
export function localKubeconfig({ url, caPem, token }: LocalKubeconfig): string {
  const name = 'dark-carnival';
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { 'certificate-authority-data': Buffer.from(caPem).toString('base64'), server: url } }],
    contexts: [{ name, context: { cluster: name, namespace: 'default', user: name } }],
    'current-context': name,
    users: [{ name, user: { token } }],
  });
}
