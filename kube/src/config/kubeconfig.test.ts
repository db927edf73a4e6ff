import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { type ClusterConfig, KubeconfigError } from './cluster-config.ts';
import { type KubeconfigOptions, loadKubeconfig } from './kubeconfig.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n';
const DATA = Buffer.from(PEM).toString('base64');

interface Given {
  cluster?: string;
  user?: string;
  context?: string;
  current?: string;
}

function kubeconfig({ cluster = '', user = 'token: s3cret', context = '', current = 'main' }: Given = {}): string {
  return `
apiVersion: v1
kind: Config
current-context: ${current}
clusters:
- name: here
  cluster: {server: "https://127.0.0.1:6443/base/", certificate-authority-data: ${DATA}${cluster && `, ${cluster}`}}
users:
- name: me
  user: {${user}}
contexts:
- name: main
  context: {cluster: here, user: me${context && `, ${context}`}}
`;
}

function load(files: Record<string, string>, options: Partial<KubeconfigOptions> = {}): ClusterConfig {
  return loadKubeconfig({
    env: {},
    cwd: '/home/someone/project',
    home: '/home/p',
    exists: (path) => path in files,
    readFile: (path) => {
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' });
      return content;
    },
    ...options,
  });
}

describe('loadKubeconfig: which file', () => {
  const all = {
    '/flag': kubeconfig(),
    '/env': kubeconfig(),
    '/data/kubeconfig': kubeconfig(),
    '/home/someone/project/.carnival/kubeconfig': kubeconfig(),
    '/home/p/.kube/config': kubeconfig(),
  };
  const env = { KUBECONFIG: '/env', CARNIVAL_DATA: '/data' };
  const without = (...paths: string[]) =>
    Object.fromEntries(Object.entries(all).filter(([path]) => !paths.includes(path)));

  it.each([
    { name: '--kubeconfig wins over everything', files: all, options: { path: '/flag', env }, want: '/flag' },
    { name: 'KUBECONFIG comes second', files: all, options: { env }, want: '/env' },
    {
      name: '$CARNIVAL_DATA comes third',
      files: all,
      options: { env: { CARNIVAL_DATA: '/data' } },
      want: '/data/kubeconfig',
    },
    { name: './.carnival comes fourth', files: all, options: {}, want: '/home/someone/project/.carnival/kubeconfig' },
    {
      name: '~/.kube/config comes last',
      files: without('/home/someone/project/.carnival/kubeconfig'),
      options: {},
      want: '/home/p/.kube/config',
    },
    {
      name: 'a data folder without kubeconfig is passed over',
      files: without('/data/kubeconfig'),
      options: { env: { CARNIVAL_DATA: '/data' } },
      want: '/home/someone/project/.carnival/kubeconfig',
    },
  ])('$name', ({ files, options, want }) => {
    expect(load(files, options).source).toBe(want);
  });

  it('merges the files of KUBECONFIG as kubectl does: the first to name something wins, missing ones are passed over', () => {
    const config = load(
      { '/a': 'current-context: main', '/b': kubeconfig({ current: 'other' }) },
      { env: { KUBECONFIG: '/a:/missing:/b' } },
    );
    expect(config).toMatchObject({ contextName: 'main', source: '/a:/b' });
  });
});

describe('loadKubeconfig: what it reads', () => {
  it('reads server, CA, token, namespace, and the hub of the extension', () => {
    const cluster =
      'tls-server-name: api.local, extensions: [{name: darkcarnival.dev, extension: {hub: "http://127.0.0.1:8000"}}]';
    const config = load({ '/k': kubeconfig({ cluster, context: 'namespace: show' }) }, { path: '/k' });
    expect(config).toMatchObject({
      server: 'https://127.0.0.1:6443/base',
      namespace: 'show',
      tlsServerName: 'api.local',
      hubUrl: 'http://127.0.0.1:8000',
      insecureSkipTlsVerify: false,
    });
    expect(config.credentials.current()).toEqual({ ca: PEM, token: 's3cret' });
  });

  it('reads certificates from files relative to the kubeconfig, and reads them again after a minute', () => {
    const files: Record<string, string> = {
      '/etc/k/config': kubeconfig({ user: 'client-certificate: me.crt, client-key: me.key' }),
      '/etc/k/me.crt': 'crt 1',
      '/etc/k/me.key': 'key 1',
    };
    const clock = new FakeClock();
    const { credentials } = load(files, { path: '/etc/k/config', clock });
    const first = credentials.current();
    expect(first).toMatchObject({ clientCertificate: 'crt 1', clientKey: 'key 1' });
    files['/etc/k/me.crt'] = 'crt 2';
    expect(credentials.current()).toBe(first);
    void clock.advance(0);
    clock.freeze(60_000);
    expect(credentials.current()).toMatchObject({ clientCertificate: 'crt 2' });
    delete files['/etc/k/me.crt'];
    clock.freeze(60_000);
    expect(credentials.current()).toMatchObject({ clientCertificate: 'crt 2' });
  });

  it('chooses another context by --context', () => {
    const two = `${kubeconfig()}- name: second\n  context: {cluster: here, user: me, namespace: two}\n`;
    expect(load({ '/k': two }, { path: '/k', context: 'second' }).namespace).toBe('two');
  });
});

describe('loadKubeconfig: bad input is one line that says what to do', () => {
  const bad: { name: string; content?: string; options?: Partial<KubeconfigOptions>; want: RegExp }[] = [
    { name: 'nothing anywhere', options: {}, want: /no kubeconfig found \(looked for .*npm start/ },
    { name: 'a flag to nowhere', options: { path: '/nope' }, want: /\/nope does not exist: correct --kubeconfig/ },
    { name: 'KUBECONFIG to nowhere', options: { env: { KUBECONFIG: '/nope' } }, want: /correct or unset it/ },
    { name: 'not YAML', content: 'a: [1,', want: /not valid YAML/ },
    { name: 'a list', content: '- a', want: /top level is not a map/ },
    { name: 'an empty file', content: '', want: /no current-context/ },
    { name: 'an unknown context', content: kubeconfig(), options: { context: 'x' }, want: /no context "x".*\(main\)/ },
    {
      name: 'a context to a missing user',
      content: kubeconfig({ context: 'x: 1' }).replace('name: me', 'name: you'),
      want: /names user "me", which is not there/,
    },
    {
      name: 'an exec plugin',
      content: kubeconfig({ user: 'exec: {command: aws}' }),
      want: /exec credential plugin.*not supported yet/,
    },
    { name: 'OIDC', content: kubeconfig({ user: 'auth-provider: {name: oidc}' }), want: /OIDC.*not supported yet/ },
    { name: 'a password', content: kubeconfig({ user: 'username: u, password: p' }), want: /user name and password/ },
    {
      name: 'a certificate without key',
      content: kubeconfig({ user: `client-certificate-data: ${DATA}` }),
      want: /only one of/,
    },
    { name: 'a CA that is no PEM', content: kubeconfig().replace(DATA, 'aGVsbG8='), want: /not base64 of PEM/ },
    {
      name: 'a token file that is missing',
      content: kubeconfig({ user: 'tokenFile: /nope' }),
      want: /cannot read \/nope \(ENOENT\)/,
    },
    {
      name: 'a server that is no URL',
      content: kubeconfig().replace('https://127.0.0.1:6443/base/', 'hello'),
      want: /no http\(s\) URL/,
    },
    {
      name: 'a token over plain http',
      content: kubeconfig().replace('https://127.0.0.1:6443/base/', 'http://10.0.0.1'),
      want: /token over plain http to 10\.0\.0\.1/,
    },
    {
      name: 'a proxy',
      content: kubeconfig({ cluster: 'proxy-url: "http://p"' }),
      want: /proxy-url, which is not supported/,
    },
  ];
  it.each(bad)('$name', ({ content, options, want }) => {
    const files: Record<string, string> = content === undefined ? {} : { '/k': content };
    const act = () => load(files, { ...(content === undefined ? {} : { path: '/k' }), ...options });
    expect(act).toThrow(want);
    expect(act).toThrow(KubeconfigError);
    try {
      act();
    } catch (error) {
      expect(String(error)).not.toMatch(/\n|s3cret/);
    }
  });
});
