import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { refusesUs } from '../../../common/errors/system-error.ts';
import { missingForBios } from '../../iso/bios.ts';
import { missingForUefi } from '../../iso/uefi.ts';
import { type Check, type CheckContext, type Finding, notChecked, ok } from '../finding.ts';
import { missingFinding } from './missing.ts';

/** A medium that this very machine cannot boot is no recovery medium; one for other machines may do without. */
function levelFor(context: CheckContext, firmware: 'bios' | 'uefi'): 'warning' | 'problem' {
  return context.firmware === firmware ? 'problem' : 'warning';
}

export const bios: Check = {
  id: 'bios',
  title: 'The medium boots on BIOS machines (isolinux)',
  async run(context): Promise<Finding[]> {
    const missing = await missingForBios();
    if (missing.length === 0) return ok;
    return missingFinding(context, levelFor(context, 'bios'), ['isolinux'], 'The medium will not boot by BIOS.');
  },
};

export const uefi: Check = {
  id: 'uefi',
  title: 'The medium boots on UEFI machines (GRUB)',
  async run(context): Promise<Finding[]> {
    const missing = await missingForUefi();
    return missingFinding(context, levelFor(context, 'uefi'), missing, 'The medium will not boot by UEFI.');
  },
};

const secureBootVariable = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

export const secureBoot: Check = {
  id: 'secure-boot',
  title: 'Secure Boot lets the medium start',
  async run({ firmware }): Promise<Finding[]> {
    if (firmware !== 'uefi') return ok;
    const value = await readFile(secureBootVariable).catch((error: unknown) => {
      if (refusesUs(error)) throw error;
      return null;
    });
    if (value === null && (await readdir(dirname(secureBootVariable)).catch(() => [])).length === 0)
      return notChecked("The firmware's variables are not to be seen (efivarfs is not mounted).");
    if (value?.[4] !== 1) return ok;
    return [
      {
        level: 'warning',
        what: 'Secure Boot is on here, and the medium is not signed: this machine will refuse to boot it.',
        fix: 'Turn Secure Boot off in the firmware setup before booting the medium, and on again after the restore.',
      },
    ];
  },
};
