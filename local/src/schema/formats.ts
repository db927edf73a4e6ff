import { isIP, isIPv4, isIPv6 } from 'node:net';

const UUID = (third: string, fourth: string) =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${third}[0-9a-f]{3}-?${fourth}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i');
const pattern = (expression: RegExp) => (text: string) => expression.test(text);

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  const [day = '', time = ''] = text.toLowerCase().split('t');
  const match = /^(\d{2}):(\d{2}):(\d{2})(\.\d+)?(z|[+-]\d{2}:\d{2})$/.exec(time);
  return match !== null && isDate(day) && Number(match[1]) <= 23 && Number(match[2]) <= 59 && Number(match[3]) <= 59;
}

function isCidr(text: string): boolean {
  const [address = '', bits = ''] = text.split('/');
  return /^\d{1,3}$/.test(bits) && isIP(address) !== 0 && Number(bits) <= (isIPv4(address) ? 32 : 128);
}

function isHostname(text: string): boolean {
  const label = /^[a-z0-9\p{S}\p{L}]([a-z0-9-\p{S}\p{L}]*[a-z0-9\p{S}\p{L}])?$/iu;
  return text.length <= 255 && text.split('.').every((part) => part.length <= 63 && label.test(part));
}

/** The string formats that kube-apiserver 1.34 checks in custom resources, by name without dashes; others are ignored, as there. */
const FORMATS: Record<string, (text: string) => boolean> = {
  datetime: isDateTime,
  date: isDate,
  duration: pattern(/^([+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$|^0$|^\d+\s*[a-z]+/i),
  byte: pattern(/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  uri: (text) => /^\/|^[a-z][a-z0-9+.-]*:/i.test(text) && !/\s/.test(text),
  email: pattern(/^[^\s@<>]+@[^\s@<>]+$/),
  hostname: isHostname,
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: isCidr,
  mac: pattern(/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/i),
  uuid: pattern(UUID('[0-9a-f]', '[0-9a-f]')),
  uuid3: pattern(UUID('3', '[0-9a-f]')),
  uuid4: pattern(UUID('4', '[89ab]')),
  uuid5: pattern(UUID('5', '[89ab]')),
  hexcolor: pattern(/^#?([0-9a-f]{3}|[0-9a-f]{6})$/i),
  k8sshortname: (text) => text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text),
  k8slongname: (text) =>
    text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text),
  password: () => true,
};

/** The check of a format, or undefined where the API server ignores it (`int32`, `int64`, `double`, made-up ones). */
export function formatCheck(format: string | undefined): ((text: string) => boolean) | undefined {
  return format === undefined ? undefined : FORMATS[format.replaceAll('-', '')];
}
