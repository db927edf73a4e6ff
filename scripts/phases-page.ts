import {
  CONDITION_TABLE,
  DISTINCT_MODELS,
  type Line,
  OBJECTIVE_CONDITIONS,
  ONE_MODEL,
} from '../controller/src/kinds/objective/conditions.ts';

/** The page that says which conditions an Objective has in each phase, made of the table that the controller itself goes by. */
export function phasesPage(): string {
  const sections = Object.entries(CONDITION_TABLE).map(([row, lines]) => {
    const rows = OBJECTIVE_CONDITIONS.flatMap((type) => {
      const line = lines[type];
      return line ? [rowOf(type, line)] : [];
    });
    return [`## ${row}`, '', ...HEAD, ...rows, ''].join('\n');
  });
  return [
    '<!-- Generated from controller/src/kinds/objective/conditions.ts by `npm run generate`: do not edit. -->',
    '# Phases of an Objective, and their conditions',
    '',
    'Pending → Scheduled → Debating → AwaitingHuman → Executing → Improving → Completed; or Failed, Aborted, Expired.',
    'A condition that is not listed is absent in that phase. Reconciling and Stalled are there exactly while they are True, as kstatus wants it.',
    'AwaitingHuman is settled: nothing goes on until a person decides. `{…}` stands for a fact of the Objective, `{cause}` for the reason at hand;',
    'while paused, Ready is False with reason Paused whatever the phase.',
    '',
    ...sections,
    '## In a debate of three seats, besides',
    '',
    'From the first assignment on, with mode Debate: of a seat that spoke the model that answered last, of one that did not the model that its chain begins with.',
    'A hint and nothing more: neither Ready nor Stalled follows from it.',
    '',
    ...HEAD,
    rowOf('DistinctModels', DISTINCT_MODELS),
    rowOf('DistinctModels', ONE_MODEL),
    '',
  ].join('\n');
}

const HEAD = ['| condition | status | reason | message |', '|---|---|---|---|'];

const rowOf = (type: string, { status, reason, message }: Line): string =>
  `| ${type} | ${status} | ${code(reason)} | ${message.replaceAll('|', '\\|')} |`;

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
