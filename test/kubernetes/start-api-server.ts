import type { TestProject } from 'vitest/node';
import { chooseReal } from '../conformance/engine/choose-real.ts';
import { startRealServer } from '../conformance/engine/real-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the kube-apiserver that this tier started. */
    kubeconfig: string;
  }
}

/** Starts one kube-apiserver for the whole tier, of an envtest folder only: the tier empties the namespace default. */
export default async function startApiServer(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const choice = chooseReal(process.env);
  if (!('assets' in choice)) return undefined;
  const server = await startRealServer(choice.assets);
  await server.startControllers();
  project.provide('kubeconfig', server.kubeconfig);
  return () => server.stop();
}
