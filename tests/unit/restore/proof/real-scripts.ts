import { bootId, rootId } from './families.ts';
import { type Files, search, variable } from './menu-machines.ts';

/** What grub-mkconfig writes before the entries (util/grub.d/00_header.in). */
const header = (wanted: string) => `if [ -s $prefix/grubenv ]; then
  set have_grubenv=true
  load_env
fi
if [ "${variable('next_entry')}" ] ; then
   set default="${variable('next_entry')}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="${wanted}"
fi
if [ x"${variable('feature_menuentry_id')}" = xy ]; then
  menuentry_id_option="--id"
else
  menuentry_id_option=""
fi
export menuentry_id_option
if [ "${variable('prev_saved_entry')}" ]; then
  set saved_entry="${variable('prev_saved_entry')}"
  save_env saved_entry
  set boot_once=true
fi
function savedefault {
  if [ -z "${variable('boot_once')}" ]; then
    saved_entry="${variable('chosen')}"
    save_env saved_entry
  fi
}
function load_video {
  if [ x$feature_all_video_module = xy ]; then
    insmod all_video
  else
    insmod efi_gop
  fi
}
if [ x$feature_default_font_path = xy ] ; then
   font=unicode
else
   search --no-floppy --fs-uuid --set=root ${rootId}
   font="/usr/share/grub/unicode.pf2"
fi
if loadfont $font ; then
  set gfxmode=auto
  load_video
  insmod gfxterm
fi
terminal_output gfxterm
if [ x$feature_timeout_style = xy ] ; then
  set timeout_style=menu
  set timeout=5
else
  set timeout=5
fi
`;

/** An entry of 10_linux. */
export const linux = (title: string, version: string, id: string, uuid: string, folder = '/boot') =>
  `menuentry '${title}' --class gnu-linux --class gnu --class os $menuentry_id_option '${id}' {
	load_video
	insmod gzio
	if [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
	insmod part_gpt
	insmod ext2
	set root='hd0,gpt9'
	if [ x$feature_platform_search_hint = xy ]; then
	  search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt9 --hint-efi=hd0,gpt9 --hint-baremetal=ahci0,gpt9  ${uuid}
	else
	  search --no-floppy --fs-uuid --set=root ${uuid}
	fi
	echo	'Loading Linux ${version} ...'
	linux	${folder}/vmlinuz-${version} root=UUID=${rootId} ro  quiet
	echo	'Loading initial ramdisk ...'
	initrd	${folder}/initrd.img-${version}
}
`;

const firmwareEntry = `if [ "$grub_platform" = "efi" ]; then
	fwsetup --is-supported
	if [ "$?" = 0 ]; then
		menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {
			fwsetup
		}
	fi
fi
`;
const custom = `if [ -f  ${variable('config_directory')}/custom.cfg ]; then
  source ${variable('config_directory')}/custom.cfg
elif [ -z "${variable('config_directory')}" -a -f  $prefix/custom.cfg ]; then
  source $prefix/custom.cfg
fi
`;

export const debian = `${header('0')}${linux('Debian GNU/Linux', '6.12.48-amd64', 'gnulinux-simple-x', rootId)}submenu 'Advanced options' $menuentry_id_option 'gnulinux-advanced-x' {
	${linux('Debian, with Linux 6.12.48', '6.12.48-amd64', 'gnulinux-6.12.48-advanced-x', rootId)}	${linux('Debian, with Linux 6.1.0', '6.1.0-40-amd64', 'gnulinux-6.1.0-advanced-x', rootId)}}
${firmwareEntry}${custom}`;

export const fedoraMenu = `set pager=1
if [ -f ${variable('config_directory')}/grubenv ]; then
  load_env -f ${variable('config_directory')}/grubenv
elif [ -s $prefix/grubenv ]; then
  load_env
fi
if [ "${variable('next_entry')}" ] ; then
   set default="${variable('next_entry')}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="${variable('saved_entry')}"
fi
if [ "${variable('boot_success')}" = "1" -o "${variable('boot_indeterminate')}" = "1" ]; then
  set last_boot_ok=1
fi
set root='hd0,gpt9'
if [ x$feature_platform_search_hint = xy ]; then
  search --no-floppy --fs-uuid --set=root --hint='hd0,gpt9'  ${bootId}
else
  search --no-floppy --fs-uuid --set=root ${bootId}
fi
if [ -z "${variable('kernelopts')}" ]; then
  set kernelopts="root=UUID=${rootId} ro "
fi
insmod blscfg
blscfg
${custom}`;

export const fedoraEntry = (version: string, options: string) =>
  `title Fedora Linux (${version}) 42\nversion ${version}\nlinux /vmlinuz-${version}\ninitrd /initramfs-${version}.img $tuned_initrd\noptions ${options}\ngrub_users $grub_users\ngrub_arg --unrestricted\ngrub_class fedora\n`;

export const bootFiles = (version: string): Files => ({
  [`boot/vmlinuz-${version}`]: 'kernel',
  [`boot/initramfs-${version}.img`]: 'initramfs',
});

const suseEntry = `menuentry 'openSUSE Leap 15.6'  --class opensuse --class gnu-linux $menuentry_id_option 'gnulinux-simple-x' {
	load_video
	set gfxpayload=keep
	insmod btrfs
	${search(rootId)}
	linux	/boot/vmlinuz-6.4.0-default root=UUID=${rootId}  ${variable('extra_cmdline')} splash=silent
	initrd	/boot/initrd.img-6.4.0-default
}
`;
const suseSnapshots = `if [ -f "/.snapshots/grub-snapshot.cfg" ]; then
  source "/.snapshots/grub-snapshot.cfg"
fi
if [ -n "$extra_cmdline" ]; then
  menuentry "Bootable snapshot #$snapshot_num" { true }
fi
hiddenentry "Text mode" --hotkey "t" {
  set textmode=true
}
`;
export const suse = `set btrfs_relative_path="y"\nexport btrfs_relative_path\n${header(variable('saved_entry'))}${suseEntry}${suseSnapshots}`;

export const proxmox = (version: string) =>
  `title    Proxmox Virtual Environment\nversion  ${version}\noptions   root=/dev/mapper/pve-root ro quiet\nlinux    /EFI/proxmox/${version}/vmlinuz-${version}\ninitrd   /EFI/proxmox/${version}/initrd.img-${version}\n`;

export const xen = (
  id: string,
  folder: string,
) => `${header('Xen')}menuentry 'Xen' --class xen $menuentry_id_option 'xen-gnulinux-simple-x' {
	${search(id)}
	echo	'Loading Xen 4.17-amd64 ...'
        if [ "$grub_platform" = "pc" -o "$grub_platform" = "" ]; then
            xen_rm_opts=
        else
            xen_rm_opts="no-real-mode edd=off"
        fi
	multiboot2	${folder}/xen-4.17-amd64.gz placeholder  ${variable('xen_rm_opts')}
	module2	${folder}/vmlinuz-6.1.0-40-amd64 placeholder root=UUID=${rootId} ro quiet
	module2	--nounzip   ${folder}/initrd.img-6.1.0-40-amd64
}
`;

export const ubuntuStub = `search.fs_uuid ${rootId} root hd0,gpt2 \nset prefix=($root)'/boot/grub'\nconfigfile $prefix/grub.cfg\n`;
export const fedoraStub = `search --no-floppy --root-dev-only --fs-uuid --set=dev ${bootId}\nset prefix=($dev)/grub2\nexport $prefix\nconfigfile $prefix/grub.cfg\n`;
