import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { recordingTerminal } from '../../testing/recording-terminal.ts';
import { runProgram } from '../program.ts';
import { completionOf } from './candidates.ts';

const program = new Command('carnival').option('-n, --namespace <name>');
program.addCommand(new Command('pause').argument('<name...>').option('-n, --namespace <name>'));
program.addCommand(new Command('plan').argument('<name>'));
program.addCommand(new Command('run').argument('[goal]').option('--wagon <node>').option('--wait'));
program.addCommand(new Command('vault').addCommand(new Command('cat').argument('<file>')));
program.addCommand(new Command('__complete').argument('[words...]'), { hidden: true });

const of = (...words: string[]) => completionOf(program, words);

describe('what may stand in the place of the word that is typed', () => {
  it('is a command, and nothing that is hidden', () => {
    expect(of('').words).toEqual(expect.arrayContaining(['pause', 'plan', 'run', 'vault']));
    expect(of('').words).not.toContain('__complete');
    expect(of('vault', '').words).toContain('cat');
  });

  it('is an option of that command', () => {
    expect(of('run', '--w').words).toEqual(expect.arrayContaining(['--wagon', '--wait', '--help']));
    expect(of('plan', '-').words).not.toContain('--wagon');
  });

  it.each([
    [['pause', ''], { kind: 'objectives', command: 'pause' }],
    [['pause', 'one', ''], { kind: 'objectives', command: 'pause' }],
    [['plan', 'one', ''], undefined],
    [['run', '--wagon', ''], { kind: 'wagons' }],
    [['vault', 'cat', ''], { kind: 'files' }],
    [['run', 'a goal', ''], undefined],
    [['unknown', ''], undefined],
    [[''], undefined],
  ] as [string[], unknown][])('is asked of the cluster: %j', (words, wanted) => {
    expect(completionOf(program, words).wanted).toEqual(wanted);
  });

  it('is looked for where the line says', () => {
    expect(of('-n', 'harbour', 'pause', '').given).toEqual({ namespace: 'harbour' });
    expect(of('pause', '--namespace=pier', '').given).toEqual({ namespace: 'pier' });
    expect(of('-n', 'harbour', 'pause', '').wanted).toEqual({ kind: 'objectives', command: 'pause' });
  });
});

describe('carnival __complete', () => {
  it('says nothing and ends well where there is no cluster', async () => {
    const terminal = recordingTerminal();
    const code = await runProgram(['__complete', '--', 'pause', ''], {
      env: { HOME: '/nonexistent' },
      cwd: '/nonexistent',
      clock: { now: Date.now, monotonic: () => performance.now(), setTimeout, clearTimeout: () => {} },
      random: Math.random,
      terminal,
      interrupted: new AbortController().signal,
      readFile: () => '',
      readStdin: async () => '',
    });
    expect([code, terminal.stdout(), terminal.stderr()]).toEqual([0, '', '']);
  });
});
