const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

interface Step {
  /** The step holds below this many milliseconds. */
  below: number;
  unit: [number, string];
  /** A second, finer unit, printed where it is not zero; its whole is the first unit. */
  rest?: [number, string];
}

/** `k8s.io/apimachinery/pkg/util/duration.HumanDuration`: the coarser the longer. */
const STEPS: Step[] = [
  { below: 2 * MINUTE, unit: [SECOND, 's'] },
  { below: 10 * MINUTE, unit: [MINUTE, 'm'], rest: [SECOND, 's'] },
  { below: 3 * HOUR, unit: [MINUTE, 'm'] },
  { below: 8 * HOUR, unit: [HOUR, 'h'], rest: [MINUTE, 'm'] },
  { below: 2 * DAY, unit: [HOUR, 'h'] },
  { below: 8 * DAY, unit: [DAY, 'd'], rest: [HOUR, 'h'] },
  { below: 2 * YEAR, unit: [DAY, 'd'] },
  { below: 8 * YEAR, unit: [YEAR, 'y'], rest: [DAY, 'd'] },
  { below: Number.POSITIVE_INFINITY, unit: [YEAR, 'y'] },
];

/** A duration as kubectl shows ages (`42s`, `3m5s`, `2d4h`). @param milliseconds two seconds of clock skew count as now. */
export function humanDuration(milliseconds: number): string {
  if (milliseconds <= -2 * SECOND) return '<invalid>';
  if (milliseconds < 0) return '0s';
  const step = STEPS.find(({ below }) => milliseconds < below);
  if (!step) return '<invalid>';
  const [size, letter] = step.unit;
  const whole = `${Math.floor(milliseconds / size)}${letter}`;
  const rest = step.rest ? Math.floor((milliseconds % size) / step.rest[0]) : 0;
  return step.rest && rest > 0 ? `${whole}${rest}${step.rest[1]}` : whole;
}

/** The age of a timestamp: `<unknown>` where there is none, `<invalid>` where it is no time. */
export function ageOf(timestamp: unknown, now: Date): string {
  if (timestamp === undefined || timestamp === null || timestamp === '') return '<unknown>';
  const then = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(then) ? '<invalid>' : humanDuration(now.getTime() - then);
}
