import { describe, expect, it } from 'vitest';
import { parseUpOptions } from './options.ts';
import { UpError } from './up-error.ts';
import { parseWagonsFlag } from './wagons-flag.ts';

const refusal = (args: string[]) => {
  try {
    parseUpOptions(args, {});
  } catch (error) {
    if (error instanceof UpError) return { message: error.message, code: error.exitCode };
  }
  return undefined;
};

describe('the command line of carnival up', () => {
  it('without flags is the original: hub on 8000, three wagons, data in .carnival', () => {
    expect(parseUpOptions([], {})).toEqual({
      data: '.carnival',
      hubPort: 8000,
      apiPort: undefined,
      listen: undefined,
      hubNames: [],
      wagons: [
        { name: 'lxc-core', nodeID: 'LXC-CORE', role: 'CORE', port: 8080 },
        { name: 'lxc-osint', nodeID: 'LXC-OSINT', role: 'OSINT', port: 8081 },
        { name: 'lxc-media', nodeID: 'LXC-MEDIA', role: 'MEDIA', port: 8082 },
      ],
    });
  });

  it('takes every flag', () => {
    const args = ['--data', '/srv/x', '--port', '9000', '--api-port=9001', '--wagons', 'Pi 4:EDGE=9002,solo=9003'];
    expect(parseUpOptions(args, { CARNIVAL_DATA: '/elsewhere' })).toEqual({
      data: '/srv/x',
      hubPort: 9000,
      apiPort: 9001,
      listen: undefined,
      hubNames: [],
      wagons: [
        { name: 'pi-4', nodeID: 'Pi 4', role: 'EDGE', port: 9002 },
        { name: 'solo', nodeID: 'solo', role: 'CORE', port: 9003 },
      ],
    });
    expect(parseUpOptions(['--no-wagons'], { CARNIVAL_DATA: '/d' })).toMatchObject({ data: '/d', wagons: undefined });
    expect(parseUpOptions(['-h'], {})).toBe('help');
  });

  it('listens on every address of a network, or on one, under further names', () => {
    expect(parseUpOptions(['--listen'], {})).toMatchObject({ listen: '0.0.0.0', hubNames: [] });
    expect(parseUpOptions(['--listen', '--no-wagons'], {})).toMatchObject({ listen: '0.0.0.0', wagons: undefined });
    expect(parseUpOptions(['--listen', '192.168.1.116', '--hub-name', 'hub.lan,10.0.0.1'], {})).toMatchObject({
      listen: '192.168.1.116',
      hubNames: ['hub.lan', '10.0.0.1'],
    });
    expect(parseUpOptions(['--listen=::'], {})).toMatchObject({ listen: '::' });
  });

  it.each([
    [['--port', '0'], '--port 0'],
    [['--port', 'http'], '--port http'],
    [['--api-port', '70000'], '--api-port 70000'],
    [['--frob'], '--frob'],
    [['extra'], 'extra'],
    [['--listen', 'hub.lan'], '--listen hub.lan: name an IP address of this machine'],
    [['--listen', '--hub-name', 'two words'], '"two words" is no host name'],
    [['--hub-name', 'hub.lan'], '--hub-name is for a hub on the LAN'],
    [['--no-wagons', '--wagons', 'A=1'], 'exclude each other'],
    [['--wagons', 'A'], '"A" is not NODE_ID[:ROLE]=PORT'],
    [['--wagons', 'A=0'], 'port 0 of A'],
    [['--wagons', 'A=1,a=2'], 'name a comes twice'],
    [['--wagons', 'A=1,B=1'], 'port 1 comes twice'],
    [['--wagons', 'ALL=1'], 'reserved'],
    [['--wagons', 'A:b c=1'], '"b c" cannot be a role'],
    [['--wagons', '///=1'], 'cannot be a NODE_ID'],
    [['--wagons', ','], 'names no wagon'],
    [['--port', '8080'], 'port 8080 is asked for twice: by the hub and by wagon LXC-CORE'],
    [['--api-port', '8000'], 'port 8000 is asked for twice'],
  ])('refuses %j in one line, as a usage error', (args, words) => {
    const { message, code } = refusal(args) ?? { message: '', code: 0 };
    expect(message).toContain(words);
    expect(message).not.toContain('\n');
    expect(code).toBe(2);
  });

  it('forgives spaces and a comma at the end of a list', () => {
    expect(parseWagonsFlag(' A=1 , B:X=2 ,').map(({ name, role }) => `${name}:${role}`)).toEqual(['a:CORE', 'b:X']);
  });
});
