import { defineConfig } from 'vitest/config';

// Unit tests lie beside their source; a tier that needs processes lies under test/<tier>. Tiers run one after the other, and one file at a
// time: each starts servers, and two cores make their timings honest only when nothing else competes.
const tier = (name: string, groupOrder: number, testTimeout: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    fileParallelism: false,
    sequence: { groupOrder },
  },
});

export default defineConfig({
  test: {
    reporters: ['default', './scripts/tally-reporter.ts'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{crds,kube,local,controller,agent,cli,scripts}/**/*.test.ts'],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      tier('conformance', 1, 60_000),
      tier('e2e', 2, 120_000),
      tier('faults', 3, 120_000),
    ],
  },
});
