import type { WagonEvent } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import type { Paint } from '../terminal/terminal.ts';

/** One event as a line of a log; none for pieces of text, which their end repeats whole, and for greetings. */
export function eventLine(event: WagonEvent, paint: Paint): string | undefined {
  const text = textOf(event);
  return text === undefined ? undefined : `${paint.dim(event.at.slice(11, 19))}  ${text}`;
}

function textOf(event: WagonEvent): string | undefined {
  switch (event.type) {
    case 'hello':
    case 'turn-delta':
      return undefined;
    case 'gap':
      return `… ${event.dropped} events are missing here`;
    case 'turn-start':
      return `${event.seat} speaks, round ${event.round} (${safeLine(`${event.provider}, ${event.model}`, 120)})`;
    case 'turn-end':
      return `${event.seat} ${event.outcome === 'Answered' ? 'has spoken' : 'failed'}, ${event.tokens} tokens: ${safeLine(event.text, 160)}`;
    case 'task-start':
      return `${safeLine(event.taskID, 32)} starts: ${safeLine(event.title, 120)}`;
    case 'task-end':
      return `${safeLine(event.taskID, 32)} ${event.outcome.toLowerCase()}${event.file ? ` ${safeLine(event.file, 255)}` : ''}${event.message ? `: ${safeLine(event.message, 300)}` : ''}`;
    case 'job-state':
      return `job ${safeLine(event.jobID, 120)} is ${event.state}${event.reason ? ` (${safeLine(event.reason, 64)})` : ''}`;
    case 'log':
      return `${event.level} ${safeLine(event.message, 1000)}`;
    case 'vault':
      return `${safeLine(event.file, 255)} ${event.action}`;
  }
}
