import { RekindleError } from '../../common/errors/error.ts';
import { TarFormatError, type TarMember, TarParser } from './index/tar-members.ts';

/** @throws RekindleError RK310 for a name that is absolute or has '..' in it. */
export function assertInside(name: Buffer): void {
  const text = name.toString('latin1');
  if (text.startsWith('/') || (text.includes('..') && text.split('/').includes('..')))
    throw new RekindleError('RK310', `member name ${JSON.stringify(name.toString('utf8'))}`);
}

/** Its names are of the directory itself, its moves (R from, T to, X by way of) are paths. @throws RekindleError RK310 */
function assertDumpdirInside(dumpdir: string): void {
  for (const entry of dumpdir.split('\0')) {
    const name = entry.slice(1);
    if (/^[RTX]/.test(entry)) assertInside(Buffer.from(name, 'latin1'));
    else if (entry !== '' && (!/^[YND]/.test(entry) || name.includes('/') || name === '..'))
      throw new RekindleError('RK310', `${JSON.stringify(entry)} in a list of names`);
  }
}

function assertMemberInside({ type, path, linkPath, dumpdir }: TarMember): void {
  assertInside(path);
  if (dumpdir !== undefined) assertDumpdirInside(dumpdir);
  if (type === 'h' && linkPath !== null) assertInside(linkPath);
}

/**
 * Looks at every member's name of a tar stream before tar sees it: no absolute name, no '..'. tar runs with -P, so it
 * would follow such a name out of the target. Hard links' targets are names of members too. What is no tar stream stops here
 * with RK308; one that is cut short is left to tar and to the digests.
 */
export class MemberCheck {
  readonly #parser: TarParser;

  /** @param onMember called for each member, before its content has passed. */
  constructor(onMember: (member: TarMember) => void = () => undefined) {
    this.#parser = new TarParser((member) => {
      assertMemberInside(member);
      onMember(member);
    });
  }

  /** The stream's next bytes; call it before tar gets them. @throws RekindleError RK308, RK310 */
  push(chunk: Buffer): void {
    try {
      this.#parser.push(chunk);
    } catch (error) {
      if (error instanceof TarFormatError) throw new RekindleError('RK308', error.message, { cause: error });
      throw error;
    }
  }
}
