import { inject } from 'vitest';
import { API_SERVER_ENV } from '../harness/api-server.ts';

// Before a test file of this tier opens an API server: it is the tier's.
const kubeconfig = inject('kubeconfig');
if (kubeconfig) process.env[API_SERVER_ENV] = kubeconfig;
