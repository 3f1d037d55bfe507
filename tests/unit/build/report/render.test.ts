import { describe, expect, it } from 'vitest';
import type { BlockFacts, Facts } from '../../../../build/report/facts.ts';
import { escapeHtml } from '../../../../build/report/page/html.ts';
import { renderReport } from '../../../../build/report/render.ts';
import { block, disk, GiB, hostile } from './sample-disks.ts';
import { sampleFacts } from './sample-facts.ts';
import { readXml } from './xml.ts';

const page = renderReport(sampleFacts);

function withDisks(...disks: ReturnType<typeof disk>[]): Facts {
  return { ...sampleFacts, disks: { known: true, value: disks } };
}

describe('[B16] the report', () => {
  it('is well-formed XML, its pictures too, with every hostile name in it', () => {
    const names = readXml(page);
    expect(names.filter((name) => name === 'svg').length).toBeGreaterThan(20);
    expect(names).not.toContain('script');
    expect(names).not.toContain('img');
    expect(() => readXml(page.replace('&lt;script&gt;', '<script>'))).toThrow('closes what is not open');
  });

  it('[B16] needs nothing but itself', () => {
    expect(page).not.toMatch(/https?:|<script|<link|<iframe|<object|@import|url\(|\bsrc="|\bhref="|\son\w+="/i);
    expect(page.includes('Content-Security-Policy" content="default-src &#39;none&#39;;')).toBe(true);
  });

  it('shows hostile names as the text that they are', () => {
    for (const name of [hostile.script, hostile.attribute, hostile.entity, hostile.control, hostile.long])
      expect(page).toContain(escapeHtml(name));
    const everywhere = JSON.parse(
      JSON.stringify(sampleFacts, (key, value: unknown) =>
        typeof value === 'string' && !/^(content|type|table|firmware|createdAt|bootedAt)$/.test(key)
          ? `${value}${hostile.script}`
          : value,
      ),
    ) as Facts;
    const names = readXml(renderReport(everywhere));
    expect(names).not.toContain('script');
    expect(names.length).toBeGreaterThan(readXml(page).length - 50);
  });

  it('loses nothing that was found', () => {
    const expected: (string | null)[] = [sampleFacts.set, '20 November 2026, 02:00 UTC', 'web01.example.org'];
    const addBlock = (each: BlockFacts): void => {
      expected.push(each.name, each.label, each.uuid, ...each.mounts, each.sizeBytes.toLocaleString('en-US'));
      each.children.forEach(addBlock);
    };
    const { disks, interfaces, pci, packages, fileSystems, memoryModules } = sampleFacts;
    for (const each of disks.known ? disks.value : []) {
      expected.push(each.model, each.serial);
      for (const { block: held, startBytes } of each.partitions) {
        addBlock(held);
        expected.push((startBytes ?? 0).toLocaleString('en-US'));
      }
    }
    for (const each of interfaces.known ? interfaces.value : [])
      expected.push(each.name, each.mac, each.driver, ...each.addresses);
    for (const each of pci.known ? pci.value : []) expected.push(each.address, each.name, each.id, each.driver);
    for (const each of fileSystems.known ? fileSystems.value : []) expected.push(each.mountPoint, each.source);
    for (const each of memoryModules.known ? memoryModules.value : []) expected.push(each.slot, each.part, each.serial);
    for (const each of packages.known ? packages.value.packages : []) expected.push(`${each.name}`, each.version);
    expect(expected.length).toBeGreaterThan(4000);
    expect(expected.filter((text) => text !== null && !page.includes(escapeHtml(text)))).toEqual([]);
  });

  it('says how to bring the machine back, or that there is no backup', () => {
    expect(page).toContain('<b>Restore this machine</b>');
    const rescue = renderReport({ ...sampleFacts, holdsBackup: false });
    expect(rescue).toContain('<b>no backup</b>');
    expect(rescue).not.toContain('Restore this machine');
    expect(rescue).not.toContain('in this backup');
  });

  it('says what could not be found out, and why', () => {
    const missing = { known: false, why: 'no tool for <it> here' } as const;
    const sources = [
      'disks',
      'fileSystems',
      'swaps',
      'interfaces',
      'routes',
      'resolver',
      'firmwareTables',
      'processor',
      'memoryBytes',
      'memoryModules',
      'pci',
      'usb',
      'packages',
    ] as const;
    const text = renderReport({
      ...sampleFacts,
      bootLoader: null,
      ...Object.fromEntries(sources.map((name) => [name, missing])),
    } as Facts);
    readXml(text);
    expect(text.match(/not known; no tool for &lt;it&gt; here\./g)).toHaveLength(sources.length);
  });

  it('is small: 2,000 packages in less than 1 MB', () => {
    expect(sampleFacts.packages.known && sampleFacts.packages.value.packages).toHaveLength(2000);
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
  });

  it('is the same text for the same facts', () => {
    expect(renderReport(structuredClone(sampleFacts))).toBe(page);
  });

  it('draws what is built on a disk even when it is larger than the disk, or of size 0', () => {
    const volume = block('vg-big', 300 * GiB, { type: 'lvm', alsoOn: ['sdb'] });
    const held = block('sda', GiB, {
      type: 'disk',
      content: 'LVM2_member',
      children: [volume, block('vg-nil', 0, { type: 'lvm' })],
    });
    const text = renderReport(withDisks({ ...disk('sda', GiB), block: held }, disk('sdb', GiB)));
    readXml(text);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
    expect(text).toContain('also on sdb');
  });
});
