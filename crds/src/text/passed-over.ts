import type { PassedOver } from '../v1alpha1/objective-status.ts';

interface Answered {
  provider?: string | undefined;
  passedOver?: PassedOver | undefined;
}

/** Who answered for whom, and why: `mistral-large answered for kimi-k2.6 (RateLimited)`; undefined where the first one of the chain did, or nobody. */
export function answeredFor({ provider, passedOver }: Answered): string | undefined {
  if (provider === undefined || passedOver === undefined || passedOver.length === 0) return undefined;
  const others = passedOver.map((other) => `${other.provider} (${other.reason})`);
  return `${provider} answered for ${others.join(' and ')}`;
}
