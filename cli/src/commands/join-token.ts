import {
  formatJoinToken,
  isLoopbackUrl,
  type JoinTokenView,
  joinTokenSchema,
  MAX_JOIN_TOKEN_TTL_SECONDS,
  MAX_JOIN_TOKEN_USES,
  parseJoinToken,
  wagonSpecSchema,
} from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import { type Command, Command as Group, InvalidArgumentError } from 'commander';
import { CliError, usageError } from '../cli-error.ts';
import type { CliDeps } from '../session/session.ts';
import { ageOf, duration } from '../terminal/age.ts';
import { structured } from '../terminal/structured.ts';
import { table } from '../terminal/table.ts';
import { clusterCommand, withSession } from './options.ts';

/** `carnival join-token create|list|delete` */
export function joinTokenCommand(deps: CliDeps): Command {
  const group = new Group('join-token')
    .summary('tokens by which wagons of other machines join')
    .description(
      'tokens by which wagons of other machines join\n\nA join token says where the hub is, how it is known, and lets its bearer in. Deleting one puts out nobody who has joined.',
    );
  for (const command of [createCommand, listCommand, deleteCommand]) group.addCommand(command(deps));
  return group;
}

interface CreateOptions {
  role?: string;
  uses: number;
  ttl: number;
  url?: string;
  local?: boolean;
}

function createCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'create',
    summary: 'make a join token, and print it: it is shown this once',
    examples: [
      ['carnival join-token create', 'one wagon, within a day'],
      ['carnival join-token create --role OSINT --uses 5 --ttl 2h', 'five, as OSINT only'],
      ['carnival join-token create --url https://hub.example:8000', 'where wagons reach the hub by another name'],
    ],
  });
  command
    .option('--role <role>', 'the only role that wagons may join as; default: any', role)
    .option('--uses <n>', `how many wagons may join, 1 to ${MAX_JOIN_TOKEN_USES}`, uses, 1)
    .option('--ttl <time>', 'until it is void, such as 30m, 24h, 7d', ttlSeconds, ttlSeconds('24h'))
    .option('--url <url>', 'where wagons reach the hub; default: what the hub says')
    .option('--local', 'for a wagon of this machine, which reaches the hub by loopback');
  return command.action(({ role, uses, ttl, local, ...given }: CreateOptions) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal } = deps;
      const wanted = { uses, ttlSeconds: ttl, ...(role === undefined ? {} : { role }) };
      const hub = session.hub();
      const url = local ? hub.url : given.url;
      const made = await hub.createJoinToken(wanted);
      const token = url === undefined ? made.token : elsewhere(made.token, url);
      if (output) {
        terminal.out(structured({ ...made, token }, output));
        return;
      }
      terminal.out(token);
      for (const line of remarks(token, made, deps.clock.now())) terminal.note(line);
    }),
  );
}

/** What to do with it, on stderr, so that `$(…)` catches the token alone. */
function remarks(token: string, { uses, expiresAt, id }: JoinTokenView, nowMs: number): string[] {
  const { url = '' } = parseJoinToken(token) ?? {};
  const wagons = uses === 1 ? 'one wagon' : `${uses} wagons`;
  return [
    `\nlets ${wagons} join ${safeLine(url, 200)} within ${duration(Math.max(0, Date.parse(expiresAt) - nowMs))}; on the machine that joins:`,
    '  CARNIVAL_JOIN_TOKEN=… npx carnival wagon --role ROLE',
    `take it back: carnival join-token delete ${id}`,
    ...(isLoopbackUrl(url)
      ? ['this hub answers on this machine only: for others start it with --listen, then make a new token']
      : []),
  ];
}

/** @throws CliError for what is no URL that a token may travel to. */
function elsewhere(token: string, url: string): string {
  const parsed = parseJoinToken(token);
  if (!parsed) throw new CliError('the hub gave no join token that this version reads');
  const { fingerprint, ...rest } = parsed;
  // There is no certificate to compare in the clear.
  const pin = url.startsWith('https:') && fingerprint !== undefined ? { fingerprint } : {};
  const changed = joinTokenSchema.safeParse({ ...rest, ...pin, url: url.replace(/\/+$/, '') });
  if (!changed.success) throw usageError(`--url ${safeLine(url, 100)} is no http(s) URL`);
  if (!url.startsWith('https:') && !isLoopbackUrl(url)) {
    throw usageError(`--url ${safeLine(url, 100)}: a join token travels over https only, or on loopback`);
  }
  return formatJoinToken(changed.data);
}

function listCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'list',
    summary: 'join tokens, their uses and who joined; never their secrets',
    examples: [['carnival join-token list', '']],
  }).alias('ls');
  return command.action(() =>
    withSession(command, deps, async (session, { output }) => {
      const tokens = await session.hub().joinTokens();
      const { terminal, clock } = deps;
      terminal.out(output ? structured(tokens, output) : tokenTable(tokens, clock.now()));
    }),
  );
}

function tokenTable(tokens: readonly JoinTokenView[], nowMs: number): string {
  if (tokens.length === 0) return 'no join tokens';
  return table(
    ['ID', 'ROLE', 'USES LEFT', 'EXPIRES', 'AGE', 'BY', 'JOINED'],
    tokens.map(({ id, role: only = 'any', uses: all, usesLeft, expiresAt, createdAt, createdBy, wagons }) => {
      const leftMs = Date.parse(expiresAt) - nowMs;
      return [
        id,
        only,
        `${usesLeft} of ${all}`,
        leftMs > 0 ? `in ${duration(leftMs)}` : 'expired',
        ageOf(createdAt, nowMs),
        safeLine(createdBy, 40),
        wagons.join(', ') || '-',
      ];
    }),
  );
}

function deleteCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'delete <id>',
    summary: 'make a join token void; wagons that have joined with it stay',
    examples: [['carnival join-token delete k3x9q0a1bz', 'the id is what list shows']],
  }).alias('rm');
  return command.action((id: string) =>
    withSession(command, deps, async (session) => {
      // People paste the whole token: its secret has no business in an address.
      const named = parseJoinToken(id)?.id ?? id;
      if (!/^[a-z0-9]{10}$/.test(named))
        throw usageError(`${safeLine(named, 20)} is no id: carnival join-token list shows them`);
      await session.hub().deleteJoinToken(named);
      deps.terminal.out(`join token ${named} is void`);
    }),
  );
}

function role(text: string): string {
  if (!wagonSpecSchema.shape.role.safeParse(text).success)
    throw new InvalidArgumentError('a role is one word, such as OSINT.');
  return text;
}

function uses(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MAX_JOIN_TOKEN_USES) return number;
  throw new InvalidArgumentError(`uses are 1 to ${MAX_JOIN_TOKEN_USES}.`);
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

function ttlSeconds(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,7})([smhd])$/.exec(text) ?? [];
  const seconds = Number(amount) * (UNITS[unit] ?? Number.NaN);
  if (seconds >= 60 && seconds <= MAX_JOIN_TOKEN_TTL_SECONDS) return seconds;
  throw new InvalidArgumentError('a time is a number with s, m, h or d, from 60s to 30d.');
}
