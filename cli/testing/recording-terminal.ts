import { type Ask, paintFor, type Terminal } from '../src/terminal/terminal.ts';

/** A terminal for tests: keeps what was written, without colours. */
export interface RecordingTerminal extends Terminal {
  stdout(): string;
  stderr(): string;
}

export function recordingTerminal(options: { ask?: Ask; isTerminal?: boolean } = {}): RecordingTerminal {
  let stdout = '';
  let stderr = '';
  return {
    out: (text) => {
      stdout += `${text}\n`;
    },
    piece: (text) => {
      stdout += text;
    },
    raw: (bytes) => {
      stdout += Buffer.from(bytes).toString('utf8');
    },
    note: (text) => {
      stderr += `${text}\n`;
    },
    paint: paintFor(false),
    isTerminal: options.isTerminal ?? false,
    ask: options.ask,
    columns: 120,
    stdout: () => stdout,
    stderr: () => stderr,
  };
}
