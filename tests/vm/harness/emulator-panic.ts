/**
 * A fault of the emulator, not of the machine: QEMU's multi-threaded emulation sometimes runs code that the kernel is patching,
 * steps onto the breakpoint that the patch begins with, and newer kernels then panic in `kfree`. No other panic is like it.
 */
const message = /int3: 0000 \[#\d+\][\s\S]{0,1500}?\bRIP: [0-9a-f]{4}:kfree\+0x/;

/** @param printed all that the serial line printed */
export function isEmulatorPanic(printed: string): boolean {
  return message.test(printed);
}
