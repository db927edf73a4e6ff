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

/** @param {number} count */
export const grouped = (count) => count.toLocaleString('en-US');

/** @param {number} bytes */
export function sizeWords(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
