import { type Check, verdictOf } from '../check.ts';
import { resolveReference } from '../devices.ts';
import { isOptional, readCrypttab } from '../read/tables.ts';

export const crypttab: Check = {
  id: 'crypttab',
  title: 'every device in /etc/crypttab exists',
  stopsBoot: true,
  run({ root, devices }) {
    const lines = readCrypttab(root);
    if (lines.length === 0) return null;
    const problems: string[] = [];
    const notes: string[] = [];
    for (const { line, name, spec, key, options } of lines) {
      const tell = (text: string) => (isOptional(options) ? notes : problems).push(`line ${line}, ${name}: ${text}`);
      const found = resolveReference(spec, devices);
      const isVolatile = options.includes('swap') || options.includes('tmp') || options.includes('plain');
      if (found.kind === 'missing') tell(`${spec} is on none of the restored disks`);
      else if (found.kind === 'ambiguous') tell(`${spec} is on ${found.devices.map(({ path }) => path).join(' and ')}`);
      else if (found.kind === 'found' && found.device.content !== 'crypto_LUKS' && !isVolatile) {
        tell(`${found.device.path} holds ${found.device.content ?? 'nothing known'}, not LUKS`);
      } else if (found.kind === 'not-a-device' && root.stat(spec) === null) tell(`${spec} does not exist`);
      if (key.startsWith('/') && !key.startsWith('/dev/') && root.stat(key) === null)
        tell(`its key file ${key} does not exist`);
    }
    const hint = 'Correct /etc/crypttab of the restored system, then make its initramfs again.';
    return verdictOf(problems, hint, `${lines.length} encrypted devices were looked up`, notes);
  },
};
