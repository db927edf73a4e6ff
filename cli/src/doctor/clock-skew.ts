import { type Finding, ok, problem, warning } from './finding.ts';

/** Certificates and tokens are judged by the clock: minutes matter, seconds do not. */
const MINUTES_MS = 5 * 60_000;
const NOTABLE_MS = 10_000;

/** What the Date header of an answer says about the two clocks. It has whole seconds; the way there and back is known. */
export function clockSkew(
  who: string,
  date: string | null | undefined,
  { sentMs, receivedMs }: { sentMs: number; receivedMs: number },
): Finding[] {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return [];
  const skewMs = theirs < sentMs - 1000 ? theirs + 1000 - sentMs : theirs > receivedMs ? theirs - receivedMs : 0;
  const words = `${who}: its clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  const remedy = 'let both keep time by NTP (timedatectl set-ntp true)';
  if (Math.abs(skewMs) >= MINUTES_MS) return [problem('clock', words, remedy)];
  if (Math.abs(skewMs) >= NOTABLE_MS) return [warning('clock', words, remedy)];
  return [ok('clock', `${who}: same time as here`)];
}
