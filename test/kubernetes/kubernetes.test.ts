import { expect, inject, it } from 'vitest';
import { requiresTier } from '../harness/required-tiers.ts';

it('runs the stories of Objectives and wagons, and the runtime, on a real kube-apiserver', ({ skip }) => {
  const kubeconfig = inject('kubeconfig');
  if (!kubeconfig && !requiresTier('kubernetes')) {
    console.warn(
      '\n*** KUBERNETES SKIPPED: set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver (envtest)\n',
    );
    skip('no kube-apiserver');
  }
  expect(kubeconfig, 'KUBEBUILDER_ASSETS names a folder with etcd and kube-apiserver').toMatch(/kubeconfig$/);
});
