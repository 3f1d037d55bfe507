import { formatBytes } from '../../../common/format.ts';
import type { BusDevice, Facts, MemoryModule } from '../facts.ts';
import { type Html, html, type Part } from './html.ts';
import { list, section, table, whenKnown } from './parts.ts';

export function renderHardware(facts: Facts): Html {
  const { firmwareTables, processor, memoryBytes, memoryModules, pci, usb } = facts;
  return section(
    'hardware',
    'Hardware',
    whenKnown(firmwareTables, 'Maker and model', (tables) =>
      list([
        ['Maker', tables.maker],
        ['Model', tables.product],
        ['Serial number', tables.serial],
        ['Chassis', tables.chassis],
        ['Main board', tables.board],
        ['Firmware', tables.firmware],
      ]),
    ),
    list(systemEntries(facts)),
    html`<h3>Processor</h3>`,
    whenKnown(processor, 'Processor', ({ model, threads, details }) =>
      list([['Model', model], ['Logical CPUs', threads], ...details]),
    ),
    html`<h3>Memory</h3>`,
    whenKnown(memoryBytes, 'Memory', (bytes) => list([['In all', `${formatBytes(bytes)} as the kernel sees it`]])),
    whenKnown(memoryModules, 'Memory modules', renderModules),
    html`<h3>PCI devices</h3>`,
    whenKnown(pci, 'PCI devices', (devices) => html`${renderDevices(devices)}${noteOnNames(devices)}`),
    html`<h3>USB devices</h3>`,
    whenKnown(usb, 'USB devices', renderDevices),
  );
}

function systemEntries({ system, bootLoader }: Facts): [string, Part][] {
  const { secureBoot, virtualization, timeZone } = system;
  const loader = bootLoader === null ? null : bootLoader.loader === 'grub2' ? 'GRUB 2' : 'none found';
  const entries = (bootLoader?.efiEntries ?? []).map(
    (entry) => html`<div class="at">${entry.label} <small class="id">${entry.loader}</small></div>`,
  );
  return [
    ['Boot loader', loader === null ? null : `${loader}${bootLoader?.disk ? ` on ${bootLoader.disk}` : ''}`],
    ['Boot entries', entries],
    ['Secure Boot', secureBoot === null ? null : secureBoot ? 'on' : 'off'],
    ['Runs inside', virtualization === null || virtualization === 'none' ? null : virtualization],
    ['Time zone', timeZone],
  ];
}

/** Without lspci and its list of names there are numbers only. */
function noteOnNames(devices: readonly BusDevice[]): Html | null {
  if (devices.length === 0 || devices.some(({ name }) => name !== '')) return null;
  return html`<p class="missing">Names: not known; lspci is not installed here.</p>`;
}

function renderModules(modules: readonly MemoryModule[]): Html {
  const columns = [
    { title: 'Slot', width: 14 },
    { title: 'Size', width: 12 },
    { title: 'Kind', width: 26 },
    { title: 'Part', width: 30 },
    { title: 'Serial number', width: 18 },
  ];
  return table(
    columns,
    modules.map(({ slot, size, kind, part, serial }) => [slot, size, kind, part, serial]),
  );
}

function renderDevices(devices: readonly BusDevice[]): Html {
  if (devices.length === 0) return html`<p>None.</p>`;
  const columns = [
    { title: 'Address', width: 16 },
    { title: 'Device', width: 52 },
    { title: 'Id', width: 14 },
    { title: 'Driver', width: 18 },
  ];
  const rows = devices.map(({ address, kind, name, id, driver }): Part[] => [
    html`<code>${address}</code>`,
    [name || (kind ?? 'device'), name === '' || kind === null ? null : html`<small>${kind}</small>`],
    id === null ? null : html`<code>${id}</code>`,
    driver,
  ]);
  return table(columns, rows);
}
