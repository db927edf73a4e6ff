import type { Command, Option } from 'commander';

/** What a word stands for that the command line cannot know by itself. */
export type Wanted =
  /** `command` says which of them make sense. */
  { kind: 'objectives'; command: string } | { kind: 'wagons' } | { kind: 'files' } | { kind: 'contexts' };

export interface Completion {
  /** Words that are known, not yet cut to the prefix. */
  words: string[];
  /** To be asked of a cluster. */
  wanted: Wanted | undefined;
  /** Options that were given before, by their attribute name: where to ask. */
  given: Record<string, string>;
}

/**
 * What may stand in the place of the last word.
 * @param program as it is run, so nothing is completed that does not exist.
 * @param words of the line, without the program's own name; the last one is being typed and may be empty.
 */
export function completionOf(program: Command, words: readonly string[]): Completion {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const { command, positionals, given, open } = walk(program, before);
  const at = { given, words: [] as string[], wanted: undefined as Wanted | undefined };
  if (open) return { ...at, words: [...(open.argChoices ?? [])], wanted: wantedBy(open) };
  if (current.startsWith('-')) return { ...at, words: optionsOf(command) };
  if (command.commands.length > 0 && positionals === 0) {
    const shown = command.createHelp().visibleCommands(command);
    return { ...at, words: shown.map((child) => child.name()) };
  }
  const argument = command.registeredArguments[Math.min(positionals, command.registeredArguments.length - 1)];
  if (!argument || (positionals >= command.registeredArguments.length && !argument.variadic)) return at;
  return { ...at, words: [...(argument.argChoices ?? [])], wanted: argumentOf(command, argument.name()) };
}

interface Place {
  command: Command;
  positionals: number;
  given: Record<string, string>;
  /** An option whose value is next. */
  open: Option | undefined;
}

function walk(program: Command, words: readonly string[]): Place {
  const place: Place = { command: program, positionals: 0, given: {}, open: undefined };
  for (const word of words) {
    if (place.open) {
      place.given[place.open.attributeName()] = word;
      place.open = undefined;
    } else if (word.startsWith('-') && word !== '-') takeOption(place, word);
    else {
      const child = place.command.commands.find((one) => one.name() === word);
      if (child && place.positionals === 0) place.command = child;
      else place.positionals += 1;
    }
  }
  return place;
}

function takeOption(place: Place, word: string): void {
  const [flag = '', value] = word.split('=', 2);
  const option = place.command.options.find(({ long, short }) => flag === long || flag === short);
  if (!option?.required) return;
  if (value === undefined) place.open = option;
  else place.given[option.attributeName()] = value;
}

function optionsOf(command: Command): string[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short }) => long ?? short ?? '');
}

function wantedBy({ long }: Option): Wanted | undefined {
  if (long === '--wagon') return { kind: 'wagons' };
  return long === '--context' ? { kind: 'contexts' } : undefined;
}

function argumentOf(command: Command, argument: string): Wanted | undefined {
  if (argument === 'name') return { kind: 'objectives', command: command.name() };
  if (argument === 'node') return { kind: 'wagons' };
  return argument === 'file' ? { kind: 'files' } : undefined;
}
