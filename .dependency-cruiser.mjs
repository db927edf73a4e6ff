/** Who may import whom. docs/architecture.md explains it on a page; this file is the law. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(crds|tls|telemetry|kube|local|controller|agent|cli|test|scripts)/', pathNot: allowed },
});
const sdk = (name, pattern, home) => ({
  name,
  comment: `${pattern} has one edge, where its errors are translated into ours`,
  severity: 'error',
  from: { pathNot: home },
  to: { path: `(^|/)node_modules/${pattern}/` },
});

export default {
  forbidden: [
    only('crds-is-the-floor', '^crds/', '^crds/', 'the contract knows nobody'),
    only('tls-knows-nobody', '^tls/', '^tls/', 'certificates and pins are the same for everyone'),
    only('telemetry-knows-crds', '^telemetry/', '^(telemetry|crds)/', 'traces and metrics are made alike everywhere'),
    only('kube-knows-crds', '^kube/', '^(kube|crds)/', 'the API client is a library'),
    only(
      'local-knows-crds-and-kube',
      '^local/',
      '^(local|crds|tls|telemetry|kube)/',
      'the engine never sees who uses it',
    ),
    only(
      'agent-knows-crds',
      '^agent/',
      '^(agent|crds|tls|telemetry)/',
      'a wagon holds no Kubernetes rights, so it has no Kubernetes client',
    ),
    only('cli-knows-crds-and-kube', '^cli/', '^(cli|crds|tls|kube)/', 'the command line is a client like any other'),
    only(
      'controller-knows-crds-and-kube',
      '^controller/',
      '^(controller|crds|tls|telemetry|kube)/',
      'other processes are reached over the wire',
    ),
    {
      name: 'crds-imports-zod-only',
      comment: 'the contract runs in a browser too',
      severity: 'error',
      from: { path: '^crds/src/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^(crds/|node_modules/zod/)' },
    },
    {
      name: 'kinds-are-strangers',
      comment: 'controllers talk through the API; shared code moves down to runtime or ports',
      severity: 'error',
      from: { path: '^controller/src/kinds/([^/]+)/' },
      to: { path: '^controller/src/kinds/([^/]+)/', pathNot: '^controller/src/kinds/$1/' },
    },
    {
      name: 'runtime-knows-no-kind',
      severity: 'error',
      from: { path: '^controller/src/runtime/' },
      to: { path: '^controller/src/(kinds|hub|ports|adapters)/' },
    },
    {
      name: 'hub-knows-no-kind',
      severity: 'error',
      from: { path: '^controller/src/hub/' },
      to: { path: '^controller/src/kinds/' },
    },
    {
      name: 'ports-are-contracts',
      severity: 'error',
      from: { path: '^controller/src/ports/' },
      to: { path: '^controller/src/(kinds|hub|adapters)/' },
    },
    {
      name: 'kinds-see-ports-not-adapters',
      severity: 'error',
      from: { path: '^controller/src/(kinds|hub)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^controller/src/adapters/' },
    },
    {
      name: 'decisions-are-pure',
      comment: 'policies and plans are tested without mocks',
      severity: 'error',
      from: { path: '^controller/src/kinds/[^/]+/(policies|plan|conditions)(/|\\.ts$)', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    sdk('openai-has-one-edge', 'openai', '^(agent/src/providers/|test/|node_modules/)'),
    sdk('anthropic-has-one-edge', '@anthropic-ai/sdk', '^(agent/src/providers/|test/|node_modules/)'),
    sdk(
      'opentelemetry-has-one-edge',
      '@opentelemetry/(sdk-trace|resources|exporter-trace-otlp-http|context-async-hooks)',
      '^(telemetry/|test/|node_modules/)',
    ),
    sdk('prometheus-has-one-edge', 'prom-client', '^(telemetry/|test/|node_modules/)'),
    sdk('cel-has-one-edge', '@marcbachmann/cel-js', '^(local/src/|node_modules/)'),
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'nothing-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'source-never-imports-tests',
      severity: 'error',
      from: {
        path: '^(crds|tls|telemetry|kube|local|controller|agent|cli)/src/',
        pathNot: '(\\.test\\.ts$|/testing/)',
      },
      to: { path: '(\\.test\\.ts$|/testing/|^test/)' },
    },
  ],
  options: {
    doNotFollow: { path: '^node_modules/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
