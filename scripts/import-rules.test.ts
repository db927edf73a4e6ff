import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Each plants one forbidden import in a copy of the layout, so that a rule that silently stopped matching is noticed. */
const BREAKS: { rule: string; file: string; line: string; target?: string }[] = [
  {
    rule: 'crds-is-the-floor',
    file: 'crds/src/a.ts',
    line: "import '../../agent/src/x.ts';",
    target: 'agent/src/x.ts',
  },
  { rule: 'crds-imports-zod-only', file: 'crds/src/b.ts', line: "import 'node:fs';" },
  {
    rule: 'tls-knows-nobody',
    file: 'tls/src/a.ts',
    line: "import '../../controller/src/x.ts';",
    target: 'controller/src/x.ts',
  },
  {
    rule: 'kube-knows-crds',
    file: 'kube/src/a.ts',
    line: "import '../../controller/src/x.ts';",
    target: 'controller/src/x.ts',
  },
  { rule: 'local-knows-crds-and-kube', file: 'local/src/a.ts', line: "import '../../agent/src/x.ts';" },
  { rule: 'agent-knows-crds', file: 'agent/src/a.ts', line: "import '../../kube/src/x.ts';", target: 'kube/src/x.ts' },
  {
    rule: 'cli-knows-crds-and-kube',
    file: 'cli/src/a.ts',
    line: "import '../../local/src/x.ts';",
    target: 'local/src/x.ts',
  },
  { rule: 'controller-knows-crds-and-kube', file: 'controller/src/a.ts', line: "import '../../agent/src/x.ts';" },
  {
    rule: 'kinds-are-strangers',
    file: 'controller/src/kinds/wagon/a.ts',
    line: "import '../objective/x.ts';",
    target: 'controller/src/kinds/objective/x.ts',
  },
  { rule: 'runtime-knows-no-kind', file: 'controller/src/runtime/a.ts', line: "import '../kinds/objective/x.ts';" },
  { rule: 'hub-knows-no-kind', file: 'controller/src/hub/a.ts', line: "import '../kinds/objective/x.ts';" },
  {
    rule: 'ports-are-contracts',
    file: 'controller/src/ports/a.ts',
    line: "import '../adapters/x.ts';",
    target: 'controller/src/adapters/x.ts',
  },
  {
    rule: 'kinds-see-ports-not-adapters',
    file: 'controller/src/kinds/wagon/b.ts',
    line: "import '../../adapters/x.ts';",
  },
  { rule: 'decisions-are-pure', file: 'controller/src/kinds/wagon/policies.ts', line: "import 'node:fs';" },
  { rule: 'openai-has-one-edge', file: 'agent/src/b.ts', line: "import 'openai';" },
  { rule: 'anthropic-has-one-edge', file: 'controller/src/b.ts', line: "import '@anthropic-ai/sdk';" },
  { rule: 'cel-has-one-edge', file: 'crds/src/c.ts', line: "import '@marcbachmann/cel-js';" },
  { rule: 'no-cycles', file: 'kube/src/b.ts', line: "import './b.ts';" },
  { rule: 'nothing-unresolvable', file: 'kube/src/c.ts', line: "import './gone.ts';" },
  {
    rule: 'source-never-imports-tests',
    file: 'crds/src/d.ts',
    line: "import '../testing/x.ts';",
    target: 'crds/testing/x.ts',
  },
];

describe('the import rules catch', () => {
  let tree = '';
  let output = '';
  beforeAll(() => {
    tree = mkdtempSync(join(tmpdir(), 'imports-'));
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    for (const name of ['.dependency-cruiser.mjs', 'tsconfig.json', 'package.json'])
      cpSync(join(root, name), join(tree, name));
    for (const { file, line, target } of BREAKS) {
      for (const [path, content] of [
        [file, `${line}\nexport {};\n`],
        ...(target ? [[target, 'export {};\n']] : []),
      ] as [string, string][]) {
        mkdirSync(dirname(join(tree, path)), { recursive: true });
        writeFileSync(join(tree, path), content);
      }
    }
    output = spawnSync(
      join(root, 'node_modules/.bin/depcruise'),
      [
        '--config',
        '.dependency-cruiser.mjs',
        '-T',
        'err',
        'crds',
        'tls',
        'kube',
        'local',
        'controller',
        'agent',
        'cli',
      ],
      { cwd: tree, encoding: 'utf8' },
    ).stdout;
  }, 60_000);
  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  it.each(BREAKS)('$rule', ({ rule, file }) => {
    expect(output.split('\n').filter((line) => line.includes(`${rule}:`) && line.includes(file))).not.toEqual([]);
  });
});
