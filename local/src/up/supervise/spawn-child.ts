import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Child, ChildExit, ChildSpec } from './child.ts';
import { wordsOf } from './last-words.ts';
import { parseReadyLine } from './ready-line.ts';

const LAST_WORDS_MS = 300;

/**
 * Starts a real process. It leads a process group of its own, so that Ctrl-C at the terminal reaches only us and the order of stopping is ours;
 * its stdin is a pipe that closes when we die in whatever way, which `--exit-with-parent` watches: no orphans.
 */
export function spawnChild({ program, args, v8Flags = [], env, log }: ChildSpec): Child {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...v8Flags, program, ...args], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  // A write to a child that is gone is no news: its exit is.
  child.stdin?.on('error', () => {});
  const ready = Promise.withResolvers<Record<string, unknown> | undefined>();
  let lastWords: string | undefined;
  const hear = (line: string) => {
    const answer = parseReadyLine(line);
    if (answer) return ready.resolve(answer);
    lastWords = wordsOf(line) ?? lastWords;
    log(line);
  };
  const silent = [eachLine(child.stdout, hear), eachLine(child.stderr, hear)];
  const exited = ended(child).then(async ({ code, signal, error }): Promise<ChildExit> => {
    // What it said last may still be in the pipe; something that it started may hold the pipe open for ever.
    await Promise.race([Promise.all(silent), delay(LAST_WORDS_MS)]);
    ready.resolve(undefined);
    return { code, signal, lastWords: error ?? lastWords };
  });
  return { ready: ready.promise, exited, terminate: () => child.kill('SIGTERM'), kill: () => killGroup(child) };
}

function eachLine(stream: Readable | null, hear: (line: string) => void): Promise<void> {
  if (!stream) return Promise.resolve();
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', hear);
  return new Promise((resolve) => lines.once('close', resolve));
}

interface End {
  code: number | null;
  signal: string | null;
  error?: string;
}

function ended(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => resolve({ code: null, signal: null, error: error.message }));
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended between the check and the kill.
  }
}
