import { execFileSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CreateOptions, createMedium } from '../../../build/create.ts';
import { parseDestination } from '../../../build/destination.ts';
import { hashFile } from '../../../common/hash-file.ts';
import { mediumSealSchema } from '../../../common/medium-seal.ts';
import { run } from '../../../common/run.ts';
import { setSchema } from '../../../restore/archive/set-schema.ts';
import { parsePublicKey, renderPublicKey } from '../../../restore/archive/signature/public-key.ts';
import { generateKeyPair } from '../../../restore/archive/signature/secret-key.ts';
import { debianKernel } from './debian-kernel.ts';
import { unpackAsKernel } from './rescue/kernel-unpack.ts';
import { smallFileSystem, temporaryDirectory } from './temporary.ts';

async function rescueOnly(directory: string, more: Partial<CreateOptions> = {}): Promise<CreateOptions> {
  return {
    destination: await parseDestination(`iso:${join(directory, 'rescue.iso')}`),
    layout: null,
    executable: '/usr/bin/true',
    kernelArguments: ['mitigations=off'],
    kernel: await debianKernel(),
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...more,
  };
}

beforeAll(async () => {
  await debianKernel();
}, 300_000);

describe('a rescue-only medium', () => {
  it('holds what is needed to boot by BIOS and UEFI, from disc and stick', async () => {
    const directory = await temporaryDirectory();
    const phases = new Set<string>();
    const key = parsePublicKey((await generateKeyPair(null)).publicKey, 'key');
    const trustedKeys = [key, key];
    const result = await createMedium(
      await rescueOnly(directory, { trustedKeys, onProgress: ({ phase }) => phases.add(phase) }),
    );
    expect(await readdir(directory)).toEqual(['rescue.iso']);
    expect((await stat(result.files[0] ?? '')).mode & 0o777).toBe(0o600);
    expect([...phases]).toEqual(['kernel', 'initrd', 'rescue system', 'write image', 'read back']);
    expect(result.warnings).toEqual([]);

    const target = await temporaryDirectory();
    await run(['xorriso', '-osirrox', 'on', '-indev', result.files[0] ?? '', '-extract', '/', target]);
    const info = await readFile(join(target, 'rekindle', result.set, 'set.json'), 'utf8');
    expect(setSchema.parse(JSON.parse(info)).set).toBe(result.set);
    const baked = '/etc/rekindle/trusted-keys';
    const rdBase = join(target, 'rekindle', result.set, 'rd-base.squashfs');
    expect((await run(['unsquashfs', '-cat', rdBase, `${baked}/1.pub`])).stdout).toBe(renderPublicKey(key));
    expect((await run(['unsquashfs', '-l', rdBase])).stdout).not.toContain(`${baked}/2.pub`);
    // OpenSSL has digests of old LUKS headers in a library that cryptsetup loads by name.
    const root = join(await temporaryDirectory(), 'root');
    await run(['unsquashfs', '-q', '-n', '-d', root, rdBase]);
    await writeFile(join(root, 'tmp/luks'), Buffer.alloc(4 << 20));
    const format = 'cryptsetup luksFormat --batch-mode --type luks1 --hash whirlpool --key-file - /tmp/luks';
    for (const [name, minor] of Object.entries({ random: '8', urandom: '9' }))
      await run(['mknod', join(root, 'dev', name), 'c', '1', minor]);
    await run(['chroot', root, ...format.split(' ')], { input: 'x' });
    expect((await run(['cryptsetup', 'luksDump', join(root, 'tmp/luks')])).stdout).toMatch(/Hash spec:\s+whirlpool/);
    // The first segment: what follows its trailer is another archive.
    const unpack = `zstd -dcq ${join(target, 'boot/initrd.img')} 2> /dev/null | cpio --quiet -i --to-stdout '*trusted-keys/1.pub'; true`;
    expect((await run(['sh', '-c', unpack])).stdout).toBe(renderPublicKey(key));
    const files = unpackAsKernel(await readFile(join(target, 'boot/initrd.img')));
    expect(files.get('init')?.mode).toBe(0o100755);
    const seal = mediumSealSchema.parse(JSON.parse(files.get('etc/rekindle/seal.json')?.content.toString() ?? ''));
    expect(seal.rdBase).toEqual(await hashFile(rdBase));
    const isolinux = await readFile(join(target, 'isolinux/isolinux.cfg'), 'utf8');
    const grub = await readFile(join(target, 'boot/grub/grub.cfg'), 'utf8');
    for (const text of [isolinux, grub]) {
      expect(text).toContain(`rootfstype=ramfs quiet loglevel=3 rekindle.set=${result.set} mitigations=off`);
      expect(text).toContain('rekindle.auto=restore');
      expect(text).toContain('384 MiB');
    }
    expect(isolinux).toMatch(/^SERIAL 0 115200\n/);

    const boot = (
      await run([
        'xorriso',
        '-indev',
        result.files[0] ?? '',
        '-report_el_torito',
        'plain',
        '-report_system_area',
        'plain',
      ])
    ).stdout;
    expect(boot).toMatch(/El Torito boot img .* BIOS .*\n.*El Torito boot img .* UEFI/);
    expect(boot).toContain('isohybrid');
    expect(boot).toContain('GPT');
    const esp = join(target, 'boot/grub/efi.img');
    expect((await run(['mdir', '-i', esp, '-b', '::/EFI/BOOT'])).stdout).toContain('BOOTX64.EFI');
    const volume = (await run(['xorriso', '-indev', result.files[0] ?? '', '-pvd_info'])).stdout;
    expect(volume).toMatch(/Volume Id *: REKINDLE_[0-9A-F]{8}\n/);
  });

  it('stopped on request leaves nothing behind, and a finished medium as it was (RK006)', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'rescue.iso'), 'the last one');
    const stop = new AbortController();
    const options = await rescueOnly(directory, {
      signal: stop.signal,
      onProgress: ({ phase }) => {
        if (phase === 'write image') stop.abort();
      },
    });
    await expect(createMedium(options)).rejects.toMatchObject({ code: 'RK006' });
    expect(await readdir(directory)).toEqual(['rescue.iso']);
    expect(await readFile(join(directory, 'rescue.iso'), 'utf8')).toBe('the last one');
  });

  it('on too small a disk is refused before anything is written (RK205)', async () => {
    const directory = await smallFileSystem(100);
    await expect(createMedium(await rescueOnly(directory))).rejects.toMatchObject({
      code: 'RK205',
      reason: expect.stringMatching(/has 9\d\.\d MB free, up to 900 MB are needed/),
    });
    expect(await readdir(directory)).toEqual(['lost+found']);
  });

  it.each(['initrd', 'write image'])(
    'on a disk that becomes full during "%s" ends with RK211 and leaves nothing',
    async (when) => {
      const directory = await smallFileSystem(1200);
      const balloon = join(directory, 'balloon');
      const options = await rescueOnly(directory, {
        onProgress: ({ phase, bytesDone }) => {
          if (phase !== when || bytesDone > 0 || existsSync(balloon)) return;
          const { bavail, bsize } = statfsSync(directory);
          execFileSync('fallocate', ['--length', String(bavail * bsize - (4 << 20)), balloon]);
        },
      });
      await expect(createMedium(options)).rejects.toMatchObject({ code: 'RK211' });
      expect((await readdir(directory)).toSorted()).toEqual(['balloon', 'lost+found']);
    },
  );

  it('without a kernel image says so (RK202)', async () => {
    const directory = await temporaryDirectory();
    const options = await rescueOnly(directory, { kernel: { release: '9.9.9', root: '/' } });
    await expect(createMedium(options)).rejects.toMatchObject({ code: 'RK202' });
    expect(await readdir(directory)).toEqual([]);
  });
});
