// Loaded before a program (--import): its wall clock is off by as many milliseconds as the file CARNIVAL_TEST_CLOCK says, read anew at SIGUSR2. The monotonic clock is
// not touched, as when somebody sets the clock of a machine.
import { readFileSync } from 'node:fs';

const RealDate = Date;
const realNow = RealDate.now;
let offsetMs = 0;

function read() {
  try {
    offsetMs = Number(readFileSync(process.env.CARNIVAL_TEST_CLOCK, 'utf8')) || 0;
  } catch {
    offsetMs = 0;
  }
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [realNow() + offsetMs] : args, newTarget),
  apply: () => new RealDate(realNow() + offsetMs).toString(),
});
RealDate.now = () => realNow() + offsetMs;

read();
process.on('SIGUSR2', read);
