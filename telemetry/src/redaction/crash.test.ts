import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

describe('a crash', () => {
  it.each(['throw new Error', 'void Promise.reject'])(
    'tells its stack without secrets and ends the process: %s',
    (how) => {
      const call = how.startsWith('throw')
        ? `${how}('no canary-key-77 here')`
        : `${how}(new Error('no canary-key-77 here'))`;
      const script = `import { Secrets, scrubCrashes } from '@dark-carnival/telemetry';
      const secrets = new Secrets();
      secrets.add(['canary-key-77']);
      scrubCrashes(secrets.scrub, (line) => process.stderr.write(line + '\\n'));
      setTimeout(() => { ${call} }, 1);
      setTimeout(() => process.exit(0), 5000);`;
      const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' });
      expect(status).toBe(1);
      expect(stderr).toContain('crashed: Error: no *** here\n    at ');
      expect(stderr).not.toContain('canary');
    },
  );
});
