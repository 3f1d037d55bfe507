/**
 * --config for a command that must see these devices and no others: an old disk with the same group may be attached.
 * A filter, not --devices, for that is too new for many machines; lvm.conf's own filters and devices file must not
 * take a device away. Nothing is backed up below /etc/lvm and no daemon is started.
 */
export function lvmConfig(devices: readonly string[]): string {
  const accepted = devices.map((device) => `"a|^${device.replaceAll(/[.+*?^$()[\]|\\]/g, '\\\\$&')}$|"`);
  return [
    `devices{filter=[${[...accepted, '"r|.*|"'].join(',')}] global_filter=["a|.*|"] use_devicesfile=0`,
    'obtain_device_list_from_udev=0 external_device_info_source="none" hints="none" allow_mixed_block_sizes=1}',
    'backup{backup=0 archive=0} activation{monitoring=0} global{use_lvmlockd=0 use_lvmpolld=0 event_activation=0}',
  ].join(' ');
}
