/** RK2xx: while saving a machine and making a medium. */
export const saveErrors = {
  RK201: {
    title: 'This machine cannot be saved yet.',
    hint: 'Install what "rekindle check" names, then run it again.',
  },
  RK202: {
    title: 'The image of the running kernel was not found.',
    hint: 'Install the kernel package of the running kernel, or boot the kernel that is installed.',
  },
  RK203: {
    title: 'This kernel cannot boot on bare metal.',
    hint: 'Boot one of the other kernels that are installed and run "rekindle create" there.',
  },
  RK204: {
    title: 'A library that a tool of the medium needs is missing.',
    hint: 'Reinstall the package that the tool belongs to.',
  },
  RK205: {
    title: 'There is too little space for the medium.',
    hint: 'Give a destination with more room, or --work-directory on another disk.',
  },
  RK206: {
    title: 'This destination is not supported in this version.',
    hint: 'Use --to iso:FILE and copy the file where you want it.',
  },
  RK207: {
    title: 'The machine has encrypted disks (LUKS), the medium would not be encrypted.',
    hint: 'Keep the medium as safe as the machine and run it again with --allow-unencrypted.',
  },
  RK208: {
    title: 'The medium cannot be written there.',
    hint: 'Name a file that may be replaced, such as --to iso:/path/machine.iso.',
  },
  RK209: {
    title: 'The modules of the running kernel were not found.',
    hint: 'Reboot after a kernel update, or reinstall the kernel package.',
  },
  RK210: {
    title: 'The medium could not boot on any machine.',
    hint: 'Install isolinux for BIOS machines or GRUB for UEFI; "rekindle check" names the packages.',
  },
  RK211: {
    title: 'The disk became full while the medium was written.',
    hint: 'Free some space or give another destination.',
  },
  RK212: {
    title: 'There is no executable to put on the medium.',
    hint: 'Make it first with "npm run build", or run the installed rekindle.',
  },
  RK213: {
    title: 'The medium does not hold what was written to it.',
    hint: 'The disk or the memory may be failing. Write to another disk.',
  },
  RK221: {
    title: 'The settings file is wrong.',
    hint: 'Correct what is named; docs/command-line.md lists every key.',
  },
  RK222: {
    title: 'This volume size cannot be used.',
    hint: 'Give a size such as 650M, 4.7G or 25G, of 200 MB or more.',
  },
  RK223: {
    title: 'A command that was to run before or after saving failed.',
    hint: 'Run it by hand, or take it out of [hooks] in /etc/rekindle/config.toml.',
  },
  RK237: {
    title: 'The place for the medium, or for temporary files, does not answer.',
    hint: 'The server of a network share or a FUSE mount is gone. Bring it back, let go of it with "umount -l", or give another place.',
  },
  RK224: {
    title: 'A module of the kernel cannot be unpacked.',
    hint: 'Its file is damaged, or not what its name says: reinstall the package of the kernel, then run it again.',
  },
  RK226: {
    title: 'A file became larger than one may be there.',
    hint: 'Raise the limit of the shell (ulimit -f unlimited). Where it is the file system (FAT takes 4 GiB): give another destination, or --volume-size 3G.',
  },
  RK230: {
    title: 'No temporary folder could be made.',
    hint: 'Make one of the folders that are named writable ("mount -o remount,rw /run"), or mount a tmpfs on /tmp.',
  },
  RK231: {
    title: 'The work directory cannot be used.',
    hint: 'Give --work-directory a folder that is there and can be written.',
  },
  RK232: {
    title: 'A file or folder could not be read or written while the medium was made.',
    hint: 'Look at the path and the error that are named (EROFS: read-only, EIO: a failing disk), then run it again.',
  },
  RK233: {
    title: 'The output could not be written.',
    hint: 'Free some space where standard output goes, or send it elsewhere. What was shown is not complete.',
  },
  RK234: {
    title: 'Others than root can change the folder that incremental sets rely on.',
    hint: 'Look at what is in it. Then give the folder back to root: chown root, chmod 700.',
  },
} as const;
