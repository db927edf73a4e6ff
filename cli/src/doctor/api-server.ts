import type { Clock } from '@dark-carnival/crds/clock';
import { explainError } from '../explain-error.ts';
import type { Session } from '../session/session.ts';
import { clockSkew } from './clock-skew.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const TIMEOUT_MS = 5_000;
/** selectableFields of a CRD are on by default since. */
const OLDEST_MINOR = 31;

/** Whether the API server answers, which version it is, and what time it has. */
export async function checkApiServer(session: Session, clock: Clock): Promise<Finding[]> {
  const where = `${session.config.server} (context ${session.config.contextName}, from ${session.config.source})`;
  const sentMs = clock.now();
  try {
    const answer = await session.client.raw({ method: 'GET', path: '/version', timeoutMs: TIMEOUT_MS });
    const skew = clockSkew('API server', answer.headers['date'], { sentMs, receivedMs: clock.now() });
    return [versionFinding(answer.body, where), ...(await whoami(session)), ...skew];
  } catch (error) {
    const { line } = explainError(error);
    return [problem('api', `${where}: ${line}`, 'start it (npm start), or choose another --context or --kubeconfig')];
  }
}

async function whoami(session: Session): Promise<Finding[]> {
  try {
    return [ok('identity', `the API server knows you as ${await session.username()}`)];
  } catch (error) {
    return [problem('identity', explainError(error).line, 'use the kubeconfig of the running server')];
  }
}

function versionFinding(body: string, where: string): Finding {
  const { gitVersion = '?', minor = '' } = parsed(body);
  const number = Number.parseInt(minor, 10);
  if (number >= OLDEST_MINOR) return ok('api', `${where}, ${gitVersion}`);
  return warning(
    'api',
    `${where} is ${gitVersion}, older than the oldest version that this was made for (1.${OLDEST_MINOR})`,
    'upgrade the cluster',
  );
}

function parsed(body: string): { gitVersion?: string; minor?: string } {
  try {
    return JSON.parse(body) as { gitVersion?: string; minor?: string };
  } catch {
    return {};
  }
}
