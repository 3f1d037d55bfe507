import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { luksSecret, passphraseOpens, planLuks, readLuksHeader } from '../../../../restore/layout/luks.ts';
import type { LuksContent } from '../../../../restore/layout/stack-schema.ts';
import { withImages } from './images.ts';

const passphrase = "a pass\nphrase with 'quotes'";
const bytes = 40 * 2 ** 20;

async function format(image: string, options: readonly string[]): Promise<void> {
  const cost = options.some((word) => word.startsWith('argon2'))
    ? ['--pbkdf-memory', '40000', '--pbkdf-parallel', '2', '--pbkdf-force-iterations', '5']
    : ['--pbkdf-force-iterations', '1500'];
  await run(['cryptsetup', 'luksFormat', '-q', ...options, ...cost, '--key-file=-', image], { input: passphrase });
}

/** Carries out the plan's format; nothing is opened, for this host's kernel has no device mapper. */
async function remake(content: LuksContent, device: string): Promise<string[]> {
  const place = { node: 'disk0:3', content, device, opened: null, openedBytes: 0 };
  const plan = planLuks(place, 2 ** 40);
  for (const action of plan.make) {
    if (action.type !== 'run' || action.secret !== luksSecret('disk0:3'))
      throw new Error('an action without its secret');
    expect(action.argv.join(' ')).not.toContain('pass');
    await run(action.argv, { input: passphrase });
  }
  return plan.notes;
}

/** The JSON has salts and digests of its own each time. */
function comparable({ metadata: _, ...content }: LuksContent): Partial<LuksContent> {
  return content;
}

describe('LUKS headers, made by the real cryptsetup and made again [C3]', () => {
  it.each([
    ['LUKS2 as it is by default', ['--type', 'luks2', '--pbkdf', 'argon2id']],
    [
      'LUKS2 with all that can be set',
      [
        '--type',
        'luks2',
        '--pbkdf',
        'argon2i',
        '--label',
        'my vault',
        '--subsystem',
        'home',
        '--sector-size',
        '4096',
        '--hash',
        'sha512',
        '--luks2-metadata-size',
        '64k',
        '--luks2-keyslots-size',
        '8m',
        '--offset',
        '20480',
        '--cipher',
        'aes-xts-plain64',
        '--key-size',
        '256',
      ],
    ],
    ['LUKS2 with pbkdf2', ['--type', 'luks2', '--pbkdf', 'pbkdf2', '--hash', 'sha512']],
    ['LUKS1', ['--type', 'luks1', '--cipher', 'aes-cbc-essiv:sha256', '--key-size', '256', '--hash', 'sha512']],
    ['LUKS1 with its data further behind', ['--type', 'luks1', '--offset', '8192']],
  ])('%s', async (_what, options) => {
    await withImages([bytes, bytes], async (old = '', image = '') => {
      await format(old, options);
      const content = await readLuksHeader(old);
      expect(await remake(content, image)).toEqual([]);
      expect(comparable(await readLuksHeader(image))).toEqual(comparable(content));
      // The tool's own words, for what this program might read wrongly in both.
      expect(await dump(image)).toEqual(await dump(old));
      await run(['cryptsetup', 'open', '--test-passphrase', '--key-file=-', image], { input: passphrase });
    });
  });

  it('knows every key slot, flag and token', async () => {
    await withImages([bytes], async (image = '') => {
      await format(image, ['--type', 'luks2', '--pbkdf', 'pbkdf2']);
      const add = ['cryptsetup', 'luksAddKey', '-q', '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1200'] as const;
      await run([...add, '--new-keyfile=/etc/os-release', '--key-file=-', image], {
        input: passphrase,
        okExit: [0, 1],
      });
      await run([...add, '--key-file=-', image, '/etc/os-release'], { input: passphrase });
      await run(['cryptsetup', 'config', '--key-slot', '1', '--priority', 'ignore', image]);
      await run(['cryptsetup', 'token', 'import', image], { input: '{"type":"clevis","keyslots":["1"]}' });
      const content = await readLuksHeader(image);
      expect(content.keySlots[1]).toEqual({
        slot: 1,
        pbkdf: { type: 'pbkdf2', hash: 'sha256', iterations: 1200 },
        priority: 'ignore',
      });
      expect(content.tokens).toEqual(['clevis']);
    });
  });

  it('refuses authenticated encryption, and what is no header', async () => {
    await withImages([bytes], async (image = '') => {
      await expect(readLuksHeader(image)).rejects.toMatchObject({ code: 'RK416' });
    });
  });
});

/** Without what is random or measured: salts, digests, the epoch. */
async function dump(image: string): Promise<string[]> {
  const { stdout } = await run(['cryptsetup', 'luksDump', image]);
  const [header = ''] = stdout.split('\nDigests:');
  return header
    .split('\n')
    .filter((line) => !/Salt|MK (salt|digest|iterations)|Epoch|^LUKS header|^\s*([0-9a-f]{2} )+\s*$/.test(line));
}

it('[C12] a passphrase is tried, and nobody can tell where there is nothing to open', async () => {
  await withImages([bytes], async (image = '') => {
    expect(await passphraseOpens(image, passphrase)).toBeNull();
    await format(image, ['--type', 'luks2', '--pbkdf', 'pbkdf2']);
    expect(await passphraseOpens(image, passphrase)).toBe(true);
    expect(await passphraseOpens(image, `${passphrase} `)).toBe(false);
    expect(await passphraseOpens(`${image}-gone`, passphrase)).toBeNull();
  });
});
