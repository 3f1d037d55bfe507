import type { Facts, InterfaceFacts, RouteFacts } from '../facts.ts';
import { type Html, html, type Part } from './html.ts';
import { section, table, whenKnown } from './parts.ts';

export function renderNetwork({ interfaces, routes, resolver }: Facts): Html {
  return section(
    'network',
    'Network',
    whenKnown(interfaces, 'Interfaces', renderInterfaces),
    html`<h3>Routes</h3>`,
    whenKnown(routes, 'Routes', renderRoutes),
    html`<h3>Name servers</h3>`,
    whenKnown(resolver, 'Name servers', (lines) =>
      lines.length === 0 ? html`<p>None in resolv.conf.</p>` : html`<pre>${lines.map((line) => html`${line}\n`)}</pre>`,
    ),
  );
}

/** Those without hardware, address and role (the kernel makes some by itself) are only named. */
function isPlain({ addresses, driver, kind, master }: InterfaceFacts): boolean {
  return addresses.length === 0 && driver === null && master === null && !/^(bond|bridge|vlan|team)$/.test(kind ?? '');
}

function renderInterfaces(interfaces: readonly InterfaceFacts[]): Html {
  const columns = [
    { title: 'Interface', width: 26 },
    { title: 'Addresses', width: 32 },
    { title: 'Hardware address', width: 22 },
    { title: 'Driver, speed', width: 20 },
  ];
  const rows = interfaces
    .filter((each) => !isPlain(each))
    .map((each): Part[] => {
      const speed = each.speedMegabits === null ? null : `${each.speedMegabits} Mbit/s`;
      const notes = [each.kind, each.master === null ? null : `part of ${each.master}`, `MTU ${each.mtu}`];
      return [
        [html`<strong>${each.name}</strong> <span class="quiet">${each.state}</span>`, small(notes)],
        each.addresses.map((address) => html`<div class="at">${address}</div>`),
        each.mac,
        [each.driver ?? '', small([speed])],
      ];
    });
  const rest = interfaces.filter(isPlain).map(({ name }) => name);
  const also = rest.length === 0 ? null : html`<p class="quiet">Also there, without an address: ${rest.join(', ')}</p>`;
  return html`${rows.length === 0 ? html`<p>No interface has an address.</p>` : table(columns, rows)}${also}`;
}

function small(notes: readonly (string | null)[]): Html | null {
  const words = notes.filter((note) => note !== null);
  return words.length === 0 ? null : html`<small>${words.join(', ')}</small>`;
}

function renderRoutes(routes: readonly RouteFacts[]): Html {
  if (routes.length === 0) return html`<p>None.</p>`;
  const columns = [
    { title: 'To', width: 26 },
    { title: 'By way of', width: 32 },
    { title: 'Interface', width: 26 },
    { title: 'From', width: 18 },
    { title: 'Metric', width: 8, figures: true },
  ];
  const rows = routes.map(({ destination, gateway, device, source, metric }) => [
    destination,
    gateway ?? html`<span class="quiet">directly</span>`,
    device,
    source,
    metric,
  ]);
  return table(columns, rows);
}
