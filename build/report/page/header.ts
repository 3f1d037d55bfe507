import { formatBytes } from '../../../common/format.ts';
import type { Facts } from '../facts.ts';
import { type Html, html, type Part } from './html.ts';
import { dateWords, list } from './parts.ts';

/** What this machine is, which backup this is, how to bring it back: all that the worst day needs first. */
export function renderHeader(facts: Facts): Html {
  const { machine } = facts.system;
  const maker = facts.firmwareTables.known ? facts.firmwareTables.value : null;
  const model = [maker?.maker ?? null, maker?.product ?? null].filter((word) => word !== null).join(' ');
  const about = [machine.os, model].filter((word) => word !== '');
  return html`<header><p class="eyebrow">Rekindle <span class="dot">·</span> ${facts.holdsBackup ? 'backup of the machine' : 'rescue medium made on the machine'}</p>
<h1>${machine.hostname}</h1>
<p class="lead">${about.map((word, index) => [index === 0 ? null : html` <span class="dot">·</span> `, word])}</p>
<div class="pair"><div>${renderIdentity(facts, maker?.serial ?? null)}</div>${renderSteps(facts.holdsBackup)}</div>
</header>\n${renderGlance(facts)}`;
}

function renderIdentity(facts: Facts, serial: string | null): Html {
  const { machine, bootedAt } = facts.system;
  return list([
    [facts.holdsBackup ? 'Saved' : 'Made', html`<strong>${dateWords(facts.createdAt)}</strong>`],
    ['Set', html`<code>${facts.set}</code>`],
    [
      'Starts by',
      `${machine.firmware === 'uefi' ? 'UEFI' : 'BIOS'}${facts.bootLoader?.loader === 'grub2' ? ', GRUB 2' : ''}`,
    ],
    ['Serial number', serial],
    ['Kernel', `${machine.kernel} (${machine.arch})`],
    ['Running since', bootedAt === null ? null : dateWords(bootedAt)],
    ['Made by', `Rekindle ${facts.rekindleVersion}`],
  ]);
}

function renderSteps(holdsBackup: boolean): Html {
  const steps = holdsBackup
    ? [
        html`Boot the machine, or a new one, from this medium.`,
        html`Choose <b>Restore this machine</b>, then the disk; read the plan and type the disk’s name.`,
        html`When it says <b>Restored</b>, take the medium out and reboot.`,
      ]
    : [
        html`This medium holds tools and <b>no backup</b>.`,
        html`Boot the machine from it and choose <b>Shell</b>.`,
        html`This page says what the machine was when the medium was made.`,
      ];
  return html`<div class="steps"><h2>${holdsBackup ? 'To bring it back' : 'To rescue it'}</h2><ol>${steps.map((step) => html`<li>${step}</li>`)}</ol></div>`;
}

function renderGlance(facts: Facts): Html {
  const { processor, memoryBytes, disks, interfaces } = facts;
  const tile = (title: string, value: Part, note: Part): Html =>
    html`<div><h3>${title}</h3><p>${value}</p><p class="quiet">${note}</p></div>`;
  const all = disks.known ? disks.value : [];
  const total = all.reduce((sum, { block }) => sum + block.sizeBytes, 0);
  const addresses = (interfaces.known ? interfaces.value : []).flatMap((each) =>
    each.addresses.filter((address) => !address.startsWith('fe80:')).map((address) => ({ address, name: each.name })),
  );
  const cpu = processor.known ? processor.value : null;
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  return html`<div class="glance">${[
    tile('Processor', cpu ? count(cpu.threads, 'CPU') : 'not known', cpu?.model ?? ''),
    tile('Memory', memoryBytes.known ? formatBytes(memoryBytes.value) : 'not known', 'as the kernel sees it'),
    tile(
      disks.known ? count(all.length, 'disk') : 'Disks',
      disks.known ? formatBytes(total) : 'not known',
      all.map(({ block }) => block.name).join(', '),
    ),
    tile('Address', addresses[0]?.address ?? 'none', addresses[0] ? `on ${addresses[0].name}` : ''),
  ]}</div>\n`;
}
