/** RK4xx: planning and carrying out a restore. */
export const restoreErrors = {
  RK401: {
    title: 'The target disk is too small.',
    hint: 'Choose a larger disk. File systems can shrink to what they hold; the reason says how much room is missing.',
  },
  RK450: {
    title: 'A file system cannot have the size that was asked for.',
    hint: 'Ask for another size, a multiple of 1 MiB within the limits that the reason names, or leave it as it was.',
  },
  RK402: {
    title: 'The target disk has another sector size than the saved one.',
    hint: 'Choose a disk with the same logical sector size; a partition table cannot be carried over to another one.',
  },
  RK403: {
    title: 'This medium holds no backup.',
    hint: 'It is a rescue-only medium. Boot one that "rekindle create" made without --rescue-only.',
  },
  RK404: { title: 'This disk cannot be a target.', hint: 'Choose another disk.' },
  RK405: { title: 'One disk was chosen for two saved disks.', hint: 'Choose a disk of its own for each saved disk.' },
  RK406: {
    title: 'A saved disk has no target.',
    hint: 'Choose a target for each saved disk; attach another disk if there are too few.',
  },
  RK407: { title: 'The set holds no such disk.', hint: 'Choose one of the saved disks that the menu lists.' },
  RK408: {
    title: 'A partition table is not sound.',
    hint: 'While saving: correct the named lines with fdisk. While restoring: verify the set with "rekindle verify"; use another copy of the medium.',
  },
  RK409: {
    title: 'The archives and the layout of the set do not belong together.',
    hint: 'Verify the set with "rekindle verify"; use another copy of the medium.',
  },
  RK410: {
    title: 'This machine uses storage that this version cannot save.',
    hint: 'Unmount the named file system (and take it out of /etc/fstab) to save the rest, or wait for a later version.',
  },
  RK411: {
    title: 'This machine uses an encryption without a LUKS header on the device, which cannot be made again.',
    hint: 'Unmount what lies on it (and take it out of /etc/fstab) to save the rest.',
  },
  RK412: {
    title: 'A disk has no partition table that this version can save.',
    hint: 'Only MBR (dos) and GPT tables are saved. Unmount what lies on the disk to save the rest.',
  },
  RK413: {
    title: 'The root file system lies on no disk.',
    hint: 'Run this on the machine itself, not in a container or a live system.',
  },
  RK414: {
    title: 'An ext file system has a property that cannot be made again.',
    hint: 'Remove the property (tune2fs -O ^NAME), or unmount the file system (and take it out of /etc/fstab) to have it saved as it lies on the device.',
  },
  RK415: {
    title: 'The destination disk holds a part of the running system.',
    hint: 'Write the medium to another disk.',
  },
  RK416: {
    title: 'An outside tool answered in a form that Rekindle does not know.',
    hint: 'Report it with the version of the tool.',
  },
  RK417: {
    title: 'A mounted file system would be missing from the set.',
    hint: 'Mount its top directory somewhere, or unmount it.',
  },
  RK418: {
    title: 'GRUB boots this machine, but what installs GRUB is missing.',
    hint: 'Install the package (Debian: grub-pc, Fedora: grub2-pc, openSUSE: grub2-i386-pc).',
  },
  RK419: {
    title: 'The EFI system partition is not mounted.',
    hint: 'Mount it on /boot/efi (and name it in /etc/fstab), then run this again.',
  },
  RK420: {
    title: 'A saved file system has no target to be made on.',
    hint: 'Verify the set with "rekindle verify"; use another copy of the medium.',
  },
  RK423: {
    title: 'A RAID array has a property that cannot be made again.',
    hint: 'Remove the property (mdadm --grow), wait until a change under way has ended, or unmount what lies on it to save the rest.',
  },
  RK424: {
    title: 'A LUKS encryption has a property that cannot be made again.',
    hint: 'Wait until a change under way has ended, or unmount what lies on it (and take it out of /etc/fstab) to save the rest.',
  },
  RK425: {
    title: 'A volume group has a property that cannot be made again.',
    hint: 'Attach missing disks or remove what is named from the group, or unmount what lies on it to save the rest.',
  },
  RK426: {
    title: 'A passphrase that the restore needs was not given.',
    hint: 'Give the passphrase of each encrypted device before the restore begins or goes on.',
  },
  RK427: {
    title: 'A part of the storage lies on a device that is not saved.',
    hint: 'Take the named device out of the array or volume group, or unmount what lies on it to save the rest.',
  },
  RK428: {
    title: 'A name that the restored storage needs is in use here.',
    hint: 'Take the old disks out, or deactivate the named mapping or array from the shell, then start again.',
  },
  RK429: {
    title: 'A name or path of this machine cannot stand in a backup.',
    hint: 'A restore would refuse it, for such a value can lead it to other files or devices. Rename what is named, or unmount it, then run "rekindle create" again.',
  },
  RK422: {
    title: 'The layers of the saved storage do not hold together.',
    hint: 'Verify the set with "rekindle verify"; use another copy of the medium.',
  },
  RK421: {
    title: 'A disk cannot be read.',
    hint: 'Look at the log of the kernel ("dmesg"); check the cable, or leave the disk out.',
  },
} as const;
