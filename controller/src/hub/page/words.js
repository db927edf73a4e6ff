/** How phases look and read: a shape and a word each, so that no meaning hangs on a colour. */
const PHASES = {
  Pending: ['○', 'Pending', 'quiet'],
  Scheduled: ['◔', 'Scheduled', 'quiet'],
  Debating: ['◑', 'Debating', 'debating'],
  AwaitingHuman: ['◆', 'Awaiting human', 'awaiting'],
  Executing: ['▶', 'Executing', 'executing'],
  Improving: ['◕', 'Improving', 'executing'],
  Completed: ['●', 'Completed', 'good'],
  Failed: ['✕', 'Failed', 'bad'],
  Aborted: ['■', 'Aborted', 'bad'],
  Expired: ['◇', 'Expired', 'bad'],
  Ready: ['●', 'Ready', 'good'],
  Provisioning: ['◔', 'Provisioning', 'quiet'],
  Stale: ['◌', 'No signal', 'bad'],
  Draining: ['◒', 'Draining', 'awaiting'],
  Evicted: ['✕', 'Evicted', 'bad'],
};

/** @param {string | undefined} phase */
export function phaseWords(phase) {
  const [glyph, word, tone] = PHASES[phase ?? ''] ?? ['○', phase ?? 'Unknown', 'quiet'];
  return { glyph, word, tone };
}

/** The way of an Objective that goes well. */
export const JOURNEY = ['Pending', 'Scheduled', 'Debating', 'AwaitingHuman', 'Executing', 'Improving', 'Completed'];

export const SEATS = [
  { seat: 'visionary', name: 'The Visionary', does: 'drafts' },
  { seat: 'critic', name: 'The Critic', does: 'attacks' },
  { seat: 'tactician', name: 'The Tactician', does: 'plans' },
];

/** Name of the scripted provider that stands in where no model is configured. */
export const REHEARSAL = 'rehearsal';

/**
 * Who answered for whom, and why; undefined where the first of the chain did.
 * @param {{ provider?: string, passedOver?: { provider: string, reason: string }[] } | undefined} answered
 */
export function answeredFor({ provider, passedOver = [] } = {}) {
  if (!provider || passedOver.length === 0) return undefined;
  return `${provider} answered for ${passedOver.map((other) => `${other.provider} (${other.reason})`).join(' and ')}`;
}

/** @param {number} seconds */
export function ageWords(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86_400)} d`;
}

/** @param {string | undefined} time RFC 3339 */
export const secondsSince = (time) => (Date.now() - Date.parse(time ?? '')) / 1000;

/**
 * What something used. Tokens that no provider counted are marked, and said.
 * @param {{ tokens?: number, estimatedTokens?: number, costUSD?: string }} used
 */
export function usedWords({ tokens = 0, estimatedTokens = 0, costUSD }) {
  const estimate = estimatedTokens > 0 ? ` (${grouped(estimatedTokens)} estimated)` : '';
  const cost = costUSD === undefined ? '' : `, $${costUSD}`;
  return `${estimatedTokens > 0 ? '~' : ''}${grouped(tokens)} tokens${estimate}${cost}`;
}

/**
 * The sum of what several used, exact to the millionth of a dollar.
 * @param {{ tokens?: number, estimatedTokens?: number, costUSD?: string }[]} parts
 */
export function sumOf(parts) {
  const known = parts.flatMap(({ costUSD }) => (costUSD === undefined ? [] : [microOf(costUSD)]));
  const add = (of) => parts.reduce((sum, part) => sum + (of(part) ?? 0), 0);
  return {
    tokens: add((part) => part.tokens),
    estimatedTokens: add((part) => part.estimatedTokens),
    costUSD: known.length === 0 ? undefined : dollars(known.reduce((sum, micro) => sum + micro, 0n)),
  };
}

function microOf(amount) {
  const [whole, fraction = ''] = amount.split('.');
  return BigInt(whole) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
}

function dollars(micro) {
  const fraction = String(micro % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${micro / 1_000_000n}${fraction === '' ? '' : `.${fraction}`}`;
}

/** @param {number} count */
export const grouped = (count) => count.toLocaleString('en-US');

/** @param {number} bytes */
export function sizeWords(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
