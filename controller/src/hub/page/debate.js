import { cleanLine, cleanText } from './clean-text.js';
import { byId, el, fill, setText } from './element.js';
import { answeredFor, REHEARSAL, SEATS, sumOf, usedWords } from './words.js';

/** While words stream in, the page is painted this often. */
const PAINT_MS = 80;
/** Longer turns are cut here; the vault has them whole. */
const MAX_CHARS = 256 * 1024;

/** @type {Map<string, any>} turns by round and seat */
let turns = new Map();
let rounds = new Map();
let feedback = [];
let isPaintDue = false;
let frozen = false;

const keyOf = (round, seat) => `${round}/${seat}`;

/** Another Objective is looked at. */
export function resetDebate() {
  turns = new Map();
  rounds = new Map();
  feedback = [];
  byId('o-rounds').replaceChildren();
  byId('o-debate').hidden = true;
}

export function freezeDebate(freeze) {
  frozen = freeze;
  if (!frozen) paint();
}

/** Whether every turn that the status knows is here with its text. */
export const hasTurns = (known) => known.every(({ round, seat }) => turns.get(keyOf(round, seat))?.done);

/** Whole turns, from the transcript. Words that stream in meanwhile are not overwritten by an older attempt. */
export function takeTranscript(transcript) {
  for (const turn of transcript.turns) {
    const known = turns.get(keyOf(turn.round, turn.seat));
    if (known && !known.done) continue;
    const tokens = turn.inputTokens + turn.outputTokens;
    turns.set(keyOf(turn.round, turn.seat), { ...turn, tokens, done: true });
  }
  feedback = transcript.feedback;
  setText(
    byId('o-debate-note'),
    (transcript.missing ?? [])
      .map(({ round, message }) => `Round ${round} is not to be had: ${cleanLine(message)}.`)
      .join(' '),
  );
  schedulePaint();
}

/** What the status tells of turns whose text is not here. */
export function takeExcerpts(known) {
  for (const turn of known) {
    if (turns.has(keyOf(turn.round, turn.seat))) continue;
    turns.set(keyOf(turn.round, turn.seat), {
      ...turn,
      outcome: 'Answered',
      text: turn.excerpt,
      excerpt: true,
      done: false,
    });
  }
  schedulePaint();
}

/** What turns used, as the status has it: the live stream tells tokens only. */
export function takeCosts(known) {
  for (const { round, seat, tokens, estimatedTokens, costUSD } of known) {
    const turn = turns.get(keyOf(round, seat));
    if (turn && !turn.speaking) Object.assign(turn, { tokens, estimatedTokens, costUSD });
  }
  schedulePaint();
}

/** One event of the live debate. */
export function takeDebateEvent(event) {
  const key = keyOf(event.round, event.seat);
  if (event.type === 'turn-start') {
    const { round, seat, provider, model } = event;
    turns.set(key, { round, seat, provider, model, text: '', speaking: true, done: false });
  } else if (event.type === 'turn-delta') {
    const turn = turns.get(key) ?? { round: event.round, seat: event.seat, text: '', speaking: true, done: false };
    if (turn.done) return;
    if (turn.excerpt) Object.assign(turn, { text: '', excerpt: false });
    if (turn.text.length < MAX_CHARS) turn.text += event.text;
    turn.speaking = true;
    turns.set(key, turn);
  } else {
    const before = turns.get(key);
    turns.set(key, {
      model: before?.model,
      ...event,
      provider: event.provider ?? before?.provider,
      speaking: false,
      done: true,
    });
  }
  schedulePaint();
}

function schedulePaint() {
  if (isPaintDue) return;
  isPaintDue = true;
  setTimeout(() => {
    isPaintDue = false;
    if (!frozen) paint();
  }, PAINT_MS);
}

function paint() {
  byId('o-debate').hidden = turns.size === 0;
  const numbers = [...new Set([...turns.values()].map(({ round }) => round))].sort((a, b) => b - a);
  numbers.forEach((number, index) => {
    const round = rounds.get(number) ?? newRound(number);
    const list = byId('o-rounds');
    if (list.children[index] !== round.root) list.insertBefore(round.root, list.children[index] ?? null);
    // Only the newest round is unfolded by itself; what a person folds or unfolds stays.
    if (round.newest !== (index === 0)) {
      round.newest = index === 0;
      round.root.open = round.newest;
    }
    paintRound(round, number);
  });
}

function newRound(number) {
  const seats = new Map(SEATS.map(({ seat, name, does }) => [seat, newSeat(seat, name, does, number)]));
  const said = el('div', { class: 'said' });
  const used = el('span', { class: 'does' });
  const root = el(
    'details',
    { class: 'round' },
    el('summary', {}, `Round ${number}`, used),
    el('div', { class: 'seats' }, ...[...seats.values()].map((seat) => seat.root)),
    said,
  );
  const round = { root, seats, said, used, newest: undefined };
  rounds.set(number, round);
  return round;
}

function newSeat(seat, name, does, round) {
  const words = document.createTextNode('');
  const box = el('div', {
    class: 'words',
    tabindex: '0',
    role: 'group',
    'aria-label': `${name}, round ${round}: words`,
  });
  box.append(words);
  const state = el('p', { class: 'seat-state' });
  const meta = el('p', { class: 'seat-meta' });
  const root = el(
    'section',
    { class: `seat ${seat}`, 'aria-label': `${name}, round ${round}` },
    el('h4', {}, name, el('span', { class: 'does' }, ` ${does}`)),
    state,
    meta,
    box,
  );
  return { root, words, box, state, meta };
}

function paintRound(round, number) {
  const spoken = SEATS.flatMap(({ seat }) => turns.get(keyOf(number, seat)) ?? []);
  const used = sumOf(spoken);
  setText(round.used, used.tokens > 0 ? ` ${usedWords(used)}` : '');
  for (const { seat } of SEATS) paintSeat(round.seats.get(seat), turns.get(keyOf(number, seat)));
  const words = feedback.filter(({ afterRound }) => afterRound === number);
  fill(round.said, words, () =>
    words.map(({ by, text }) =>
      el(
        'blockquote',
        { class: 'feedback' },
        el('p', {}, cleanText(text)),
        el('footer', {}, `Feedback by ${cleanLine(by, 253)}`),
      ),
    ),
  );
}

function paintSeat(seat, turn) {
  seat.root.dataset.state = stateOf(turn);
  setText(
    seat.state,
    { waiting: '○ waits', speaking: '◑ speaking', done: '● has spoken', failed: '✕ did not answer' }[stateOf(turn)],
  );
  const instead = answeredFor(turn);
  fill(seat.meta, [turn?.provider, turn?.model, turn && usedWords(turn), turn?.excerpt, instead], () =>
    metaOf(turn, instead),
  );
  const text = cleanText(turn?.text ?? '') + (turn?.excerpt && turn.text !== '' ? ' …' : '');
  if (seat.words.data === text) return;
  const atEnd = seat.box.scrollHeight - seat.box.scrollTop - seat.box.clientHeight < 24;
  if (text.startsWith(seat.words.data)) seat.words.appendData(text.slice(seat.words.data.length));
  else seat.words.data = text;
  if (turn?.speaking && atEnd) seat.box.scrollTop = seat.box.scrollHeight;
}

function stateOf(turn) {
  if (!turn) return 'waiting';
  if (turn.speaking) return 'speaking';
  return turn.outcome === 'Failed' ? 'failed' : 'done';
}

function metaOf(turn, instead) {
  if (!turn) return [];
  const model = [turn.provider, turn.model].filter((word) => word && word !== REHEARSAL);
  return [
    turn.provider === REHEARSAL && el('span', { class: 'badge' }, 'REHEARSAL'),
    model.length > 0 && el('span', {}, cleanLine([...new Set(model)].join(' · '), 128)),
    turn.tokens > 0 && el('span', {}, ` ${usedWords(turn)}`),
    turn.excerpt && el('span', {}, ' (the beginning)'),
    instead && el('span', { class: 'fell-back' }, ` ${cleanLine(instead, 200)}`),
  ];
}
