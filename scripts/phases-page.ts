import { CONDITION_TABLE, OBJECTIVE_CONDITIONS } from '../controller/src/kinds/objective/conditions.ts';

/** The page that says which conditions an Objective has in each phase, made of the table that the controller itself goes by. */
export function phasesPage(): string {
  const sections = Object.entries(CONDITION_TABLE).map(([row, lines]) => {
    const rows = OBJECTIVE_CONDITIONS.flatMap((type) => {
      const line = lines[type];
      return line
        ? [`| ${type} | ${line.status} | ${code(line.reason)} | ${line.message.replaceAll('|', '\\|')} |`]
        : [];
    });
    return [`## ${row}`, '', '| condition | status | reason | message |', '|---|---|---|---|', ...rows, ''].join('\n');
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
  ].join('\n');
}

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
