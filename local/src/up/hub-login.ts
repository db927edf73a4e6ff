import { loginTicketSchema } from '@dark-carnival/crds';
import type { ClusterConfig } from '@dark-carnival/kube';

const TIMEOUT_MS = 5_000;

/** A URL that signs a browser in once; undefined where the hub gives none. Never throws: a banner without it is still one. */
export async function askLoginUrl(hubUrl: string, config: ClusterConfig): Promise<string | undefined> {
  try {
    const answer = await fetch(`${hubUrl}/api/login/tickets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${config.credentials.current().token ?? ''}` },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return answer.ok ? loginTicketSchema.parse(await answer.json()).url : undefined;
  } catch {
    return undefined;
  }
}
