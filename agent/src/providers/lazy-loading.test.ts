import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/** Says, from a fresh process, which heavy packages were loaded while it ran the given code with a factory at hand. */
async function loadedBy(code: string): Promise<string[]> {
  const index = new URL('./index.ts', import.meta.url).href;
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = new Set();
    registerHooks({ resolve: (name, context, next) => {
      if (/^(openai|@anthropic-ai\\/sdk|undici|jsonrepair)$/.test(name)) loaded.add(name);
      return next(name, context);
    } });
    const { systemClock } = await import(${JSON.stringify(import.meta.resolve('@dark-carnival/crds/clock'))});
    const { createLLMFactory } = await import(${JSON.stringify(index)});
    const quiet = () => {};
    const factory = createLLMFactory({ clock: systemClock, random: Math.random, logger: { debug: quiet, info: quiet, warn: quiet } });
    const request = { system: '', messages: [], maxTokens: 64, purpose: { kind: 'turn', seat: 'critic', round: 1, directive: 'Plan', feedback: [], maxTasks: 2, earlier: [] } };
    const ask = (name) => factory.complete({ providers: [name], maxTokens: 64 }, request, { signal: new AbortController().signal, deadlineMs: 5000 });
    const grant = (type, port) => factory.setProviders({ digest: '', providers: [{ name: 'it', type, wire: type === 'Claudeson' ? 'Anthropic' : 'OpenAI', endpoint: 'http://127.0.0.1:' + port, model: 'm', probeIntervalSeconds: 300 }] });
    ${code}
    console.log(JSON.stringify([...loaded].sort()));`;
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  const { stdout } = await run(process.execPath, flags);
  return JSON.parse(stdout) as string[];
}

it('a wagon that only rehearses loads no SDK and no HTTP client: they cost tens of megabytes', async () => {
  expect(await loadedBy(`await factory.probe({ force: true }); await ask('rehearsal');`)).toEqual([]);
}, 30_000);

it('a probe loads the HTTP client, and a call the one SDK that it needs', async () => {
  expect(await loadedBy(`grant('Ollama', 9); await factory.probe({ force: true });`)).toEqual(['undici']);
  expect(await loadedBy(`grant('Claudeson', 9); await ask('it').catch(quiet);`)).toEqual([
    '@anthropic-ai/sdk',
    'undici',
  ]);
}, 60_000);
