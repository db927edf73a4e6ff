import { defineConfig } from 'vitest/config';
import { chooseReal } from './test/conformance/engine/choose-real.ts';

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

// What is written once for both engines: it runs on the local one in the tier e2e, and again on a kube-apiserver where there is one.
const onBothEngines = [
  'runtime',
  'objective-run',
  'objective-gate',
  'gate-under-attack',
  'default-chains',
  'objective-lifecycle',
  'objective-pause',
  'objective-queue',
  'objective-end',
  'objective-wagons',
  'wagon-life',
  'wagon-registration',
  'wagon-eviction',
  'wagon-handover',
];
const kubernetes = () => {
  const { test } = tier('kubernetes', 4, 120_000);
  const shared = 'assets' in chooseReal(process.env) ? onBothEngines.map((name) => `test/e2e/${name}.test.ts`) : [];
  return {
    test: {
      ...test,
      include: [...test.include, ...shared],
      globalSetup: 'test/kubernetes/start-api-server.ts',
      setupFiles: 'test/kubernetes/use-api-server.ts',
    },
  };
};

export default defineConfig({
  test: {
    reporters: ['default', './scripts/tally-reporter.ts'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{crds,tls,telemetry,kube,local,controller,agent,cli,scripts}/**/*.test.ts'],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      tier('conformance', 1, 60_000),
      tier('e2e', 2, 120_000),
      tier('faults', 3, 120_000),
      kubernetes(),
    ],
  },
});
