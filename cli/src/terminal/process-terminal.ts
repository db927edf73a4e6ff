import { createInterface } from 'node:readline';
import { type Ask, paintFor, type Terminal, wantsColour } from './terminal.ts';

/** The terminal of this process. */
export function processTerminal(process: NodeJS.Process): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const isTerminal = stdout.isTTY === true;
  return {
    out: (text) => stdout.write(`${text}\n`),
    piece: (text) => stdout.write(text),
    raw: (bytes) => stdout.write(bytes),
    note: (text) => stderr.write(`${text}\n`),
    paint: paintFor(wantsColour(isTerminal, env)),
    isTerminal,
    ask: isTerminal && stdin.isTTY === true ? asker(process) : undefined,
    columns: isTerminal ? Math.max(40, stdout.columns || 80) : 120,
  };
}

function asker(process: NodeJS.Process): Ask {
  return (question, signal) =>
    new Promise((resolve) => {
      const lines = createInterface({ input: process.stdin, output: process.stdout, ...(signal ? { signal } : {}) });
      let answer: string | undefined;
      lines.once('close', () => resolve(answer));
      // readline holds the terminal, so Ctrl-C comes to it and no signal is sent.
      lines.once('SIGINT', () => {
        lines.close();
        process.emit('SIGINT', 'SIGINT');
      });
      lines.question(question, (line) => {
        answer = line;
        lines.close();
      });
    });
}
