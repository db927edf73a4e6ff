import { byId, setText } from './element.js';
import { ageWords } from './words.js';

/** The hub tells every 5 s that it lives; after two missed pulses what is shown counts as old. */
const LOST_AFTER_MS = 12_000;
/** The API server says something at least once a minute. */
const API_SILENT_AFTER_S = 90;

let heardAt;
let connected = false;
let apiStaleSeconds = 0;

/** Something came from the hub. */
export function heard(pulse) {
  heardAt = performance.now();
  connected = true;
  if (pulse) apiStaleSeconds = pulse.synced ? pulse.staleSeconds : Number.POSITIVE_INFINITY;
  showSignal();
}

/** The stream is down. */
export function lost() {
  connected = false;
  showSignal();
}

/** Says in words and shape how old the data is. Runs every second: an age that stands still would be a lie. */
export function showSignal() {
  const ageMs = heardAt === undefined ? Number.POSITIVE_INFINITY : performance.now() - heardAt;
  const state = stateOf(ageMs);
  document.body.dataset.signal = state;
  const words = { live: 'Live', silent: 'API server silent', lost: 'SIGNAL LOST', connecting: 'Connecting' };
  setText(byId('signal-word'), words[state]);
  const age = heardAt === undefined ? 'no data yet' : `data ${ageWords(ageMs / 1000)} old`;
  setText(byId('signal-age'), state === 'lost' ? `${age}, reconnecting` : age);
}

function stateOf(ageMs) {
  if (heardAt === undefined) return connected ? 'live' : 'connecting';
  if (!connected || ageMs > LOST_AFTER_MS) return 'lost';
  return apiStaleSeconds > API_SILENT_AFTER_S ? 'silent' : 'live';
}
