import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { InterfaceFacts, RouteFacts } from '../facts.ts';
import { readFact, runTool } from './ask.ts';
import { linkName } from './bus-devices.ts';

const addressSchema = z.object({
  family: z.string(),
  local: z.string(),
  prefixlen: z.int(),
  /** iproute2 prints {} for what it does not show. */
});
const interfaceSchema = z.object({
  ifname: z.string(),
  operstate: z.string().default('UNKNOWN'),
  master: z.string().optional(),
  address: z.string().optional(),
  mtu: z.int().nonnegative().default(0),
  linkinfo: z.object({ info_kind: z.string().optional() }).optional(),
  addr_info: z.array(addressSchema.or(z.unknown().transform(() => null))).default([]),
});
const routeSchema = z.object({
  dst: z.string(),
  gateway: z.string().optional(),
  dev: z.string().optional(),
  prefsrc: z.string().optional(),
  metric: z.int().optional(),
});

/** The interfaces but the loopback, with addresses, drivers and speeds. */
export async function readInterfaces(): Promise<InterfaceFacts[]> {
  const { stdout } = await runTool(['ip', '--json', '--details', 'address']);
  const found = parseInterfaces(stdout);
  return Promise.all(
    found.map(async (each) => {
      const directory = join('/sys/class/net', each.name);
      // A link that is down answers -1, or EINVAL.
      const speed = Number(await readFact(join(directory, 'speed')));
      return {
        ...each,
        driver: await linkName(join(directory, 'device/driver')),
        speedMegabits: Number.isInteger(speed) && speed > 0 ? speed : null,
      };
    }),
  );
}

/** Reads the output of `ip --json --details address`. */
export function parseInterfaces(output: string): InterfaceFacts[] {
  return z
    .array(interfaceSchema.or(z.object({}).strict()))
    .parse(JSON.parse(output))
    .flatMap((each) => {
      if (!('ifname' in each) || each.ifname === 'lo') return [];
      const addresses = each.addr_info.flatMap((address) => address ?? []);
      return [
        {
          name: each.ifname,
          state: each.operstate.toLowerCase(),
          kind: each.linkinfo?.info_kind ?? null,
          master: each.master ?? null,
          mac: each.address ?? null,
          mtu: each.mtu,
          addresses: addresses.map(({ local, prefixlen }) => `${local}/${prefixlen}`),
          driver: null,
          speedMegabits: null,
        },
      ];
    });
}

/** The main table's routes, IPv4 first. */
export async function readRoutes(): Promise<RouteFacts[]> {
  const four = await runTool(['ip', '--json', '-4', 'route']);
  // A kernel without IPv6 refuses the question.
  const six = await runTool(['ip', '--json', '-6', 'route']).catch(() => ({ stdout: '[]' }));
  return [...parseRoutes(four.stdout), ...parseRoutes(six.stdout)];
}

/** Reads the output of `ip --json route`; an empty table prints nothing. */
export function parseRoutes(output: string): RouteFacts[] {
  const routes = z.array(routeSchema).parse(JSON.parse(output.trim() === '' ? '[]' : output));
  return routes.map(({ dst, gateway, dev, prefsrc, metric }) => ({
    destination: dst,
    gateway: gateway ?? null,
    device: dev ?? null,
    source: prefsrc ?? null,
    metric: metric ?? null,
  }));
}

/** resolv.conf(5) without comments: name servers and search list. */
export async function readResolver(path = '/etc/resolv.conf'): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(nameserver|search|domain|sortlist|options)\s/.test(line));
}
