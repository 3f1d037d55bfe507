import { type Check, cannotTell, fail, pass } from '../check.ts';
import { ofTarget } from '../of-target.ts';
import { initramfsOf, kernelVersion, readTarget } from '../read/target.ts';

export const remake =
  'Enter the system with chroot and make it again: "update-initramfs -u -k all", "dracut -f --regenerate-all" or "mkinitcpio -P".';

export const initramfs: Check = {
  id: 'initramfs',
  title: 'the initramfs is whole and belongs to the kernel',
  stopsBoot: true,
  run: ofTarget(async (subject) => {
    const { initrds, entry } = readTarget(subject);
    if (initrds.length === 0) {
      if (entry === null) return cannotTell('No initramfs was found.');
      const hidden = entry.initrds.find(({ state }) => state === 'hidden');
      if (hidden !== undefined) return cannotTell(`${hidden.written} ${hidden.why}.`);
      const root = entry.options.find((option) => /^root=(UUID|LABEL)=/.test(option));
      if (entry.initrds.length === 0 && root === undefined) return pass('the boot menu uses no initramfs');
      return fail(
        root === undefined
          ? 'the boot menu names an initramfs that is not there'
          : `${root} needs an initramfs, the boot menu has none`,
        remake,
      );
    }
    const version = await kernelVersion(subject);
    const versions = new Set<string>();
    let members = 0;
    const packings: string[] = [];
    for (const path of initrds) {
      const reading = await initramfsOf(subject, path);
      if (reading.state === 'unknown') return cannotTell(`${path}: ${reading.reason}.`);
      if (reading.state === 'damaged') return fail(`${path}: ${reading.reason}`, remake);
      members += reading.initramfs.names.size;
      packings.push(...reading.initramfs.packings);
      for (const name of reading.initramfs.names) {
        const found = /^(?:usr\/)?lib\/modules\/([^/]+)\//.exec(name)?.[1];
        if (found !== undefined) versions.add(found);
      }
    }
    if (version !== null && versions.size > 0 && !versions.has(version)) {
      return fail(`${initrds.join(', ')} is for kernel ${[...versions].join(', ')}, started is ${version}`, remake);
    }
    return pass(`${initrds.join(', ')}: ${members} files (${[...new Set(packings)].join(', ')})`);
  }),
};
