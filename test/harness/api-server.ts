import { type ClusterConfig, loadKubeconfig, staticCredentials } from '@dark-carnival/kube';
import { startLocalServer } from '@dark-carnival/local';

/** Set by the tier `kubernetes`: the kubeconfig (cluster-admin) of a kube-apiserver of which the namespace default is used up. */
export const API_SERVER_ENV = 'CARNIVAL_TEST_KUBECONFIG';

/** An API server that a test file works on. */
export interface TestApiServer {
  cluster: ClusterConfig;
  /** Whether it ends with the file: else it has to be left as it was found. */
  ownedByTest: boolean;
  close(): Promise<void>;
}

/** The kube-apiserver that the environment names, else a local server in this process, empty and in memory. */
export async function openApiServer(): Promise<TestApiServer> {
  const path = process.env[API_SERVER_ENV];
  if (path) return { cluster: loadKubeconfig({ path, env: {} }), ownedByTest: false, close: async () => {} };
  const token = 'test-token-of-the-local-engine';
  const server = await startLocalServer({ store: 'memory', token });
  const cluster: ClusterConfig = {
    source: 'test',
    contextName: 'test',
    server: server.url,
    namespace: 'default',
    credentials: staticCredentials({ token }),
    insecureSkipTlsVerify: false,
  };
  return { cluster, ownedByTest: true, close: () => server.close() };
}
