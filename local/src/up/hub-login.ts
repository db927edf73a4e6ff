import { loginTicketSchema } from '@dark-carnival/crds';
import type { ClusterConfig } from '@dark-carnival/kube';
import { askJson } from './ask-json.ts';

const TIMEOUT_MS = 5_000;

/** A URL that signs a browser in once; undefined where the hub gives none. Never throws: a banner without it is still one. */
export async function askLoginUrl(hubUrl: string, config: ClusterConfig): Promise<string | undefined> {
  try {
    const answer = await askJson({
      method: 'POST',
      url: `${hubUrl}/api/login/tickets`,
      headers: { authorization: `Bearer ${config.credentials.current().token ?? ''}` },
      timeoutMs: TIMEOUT_MS,
    });
    return loginTicketSchema.parse(answer).url;
  } catch {
    return undefined;
  }
}
