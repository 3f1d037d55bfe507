import { RekindleError } from '../../common/errors/error.ts';
import { escapePath } from './index/escape-path.ts';
import { TarFormatError, type TarMember, TarParser } from './index/tar-members.ts';
import { LinkSet } from './link-set.ts';

/** Whatever happens to a machine while it is saved, its tar writes no such name. */
const foreign = 'Do not use this set: it was changed, or not made by Rekindle.';

/** @throws RekindleError RK310 for a name that is absolute or has '..' in it. */
export function assertInside(name: Buffer): void {
  const text = name.toString('latin1');
  if (text.startsWith('/') || (text.includes('..') && text.split('/').includes('..')))
    throw new RekindleError('RK310', `member name ${JSON.stringify(name.toString('utf8'))}`, { hint: foreign });
}

/**
 * Its names are of the directory itself. What moves other directories (R from, T to, X by way of) no set has: see `asBase`.
 * @throws RekindleError RK310
 */
function assertDumpdirInside(dumpdir: string): void {
  for (const entry of dumpdir.split('\0')) {
    const name = entry.slice(1);
    if (entry !== '' && (!/^[YND]/.test(entry) || name.includes('/') || name === '..'))
      throw new RekindleError('RK310', `${JSON.stringify(entry)} in a list of names`, { hint: foreign });
  }
}

/** Symbolic links that lie in the target before tar starts. */
export interface LinksInPlace {
  links: LinkSet;
  /** Removes one that the archive has a folder in the place of, before tar hears of it. */
  remove: (path: Buffer) => void;
}

/**
 * Looks at every member's name of a tar stream before tar sees it: no absolute name, no '..', nothing below a symbolic link of the
 * stream or of the target, nothing that has the name of one. tar runs with -P, so it would follow such a name out of the target.
 * Hard links' targets are names of members too. What is no tar stream stops here with RK308; one that is cut short is left to tar
 * and to the digests.
 */
export class MemberCheck {
  readonly #parser: TarParser;
  readonly #inPlace: LinksInPlace | null;
  readonly #links: LinkSet;

  /** @param onMember called for each member, before its content has passed. */
  constructor(onMember: (member: TarMember) => void = () => undefined, inPlace: LinksInPlace | null = null) {
    this.#inPlace = inPlace;
    this.#links = new LinkSet(inPlace?.links.folds);
    this.#parser = new TarParser((member) => {
      this.#assert(member);
      onMember(member);
    });
  }

  /** The stream's next bytes; call it before tar gets them. @throws RekindleError RK308, RK310, RK374 */
  push(chunk: Buffer): void {
    try {
      this.#parser.push(chunk);
    } catch (error) {
      if (error instanceof TarFormatError) throw new RekindleError('RK308', error.message, { cause: error });
      throw error;
    }
  }

  #assert({ type, path, linkPath, dumpdir }: TarMember): void {
    this.#assertPath(path);
    if (dumpdir !== undefined) assertDumpdirInside(dumpdir);
    // tar takes a link to a folder for that folder, and with its placeholders may mix up what has the same name.
    if (this.#links.has(path)) throw belowLink(path, path);
    if (type === 'd') this.#replaceInPlace(path);
    else if (type === 'l') this.#links.add(path);
    else if (type === 'h' && linkPath !== null) {
      this.#assertPath(linkPath);
      // Another name of a link leads where it leads.
      if (this.#links.has(linkPath) || this.#inPlace?.links.has(linkPath)) this.#links.add(path);
    }
  }

  #assertPath(path: Buffer): void {
    assertInside(path);
    const link = this.#links.above(path);
    if (link !== null) throw belowLink(path, link);
    const inPlace = this.#inPlace?.links.above(path) ?? null;
    if (inPlace !== null)
      throw new RekindleError(
        'RK374',
        `${escapePath(inPlace)}, above ${escapePath(path)}, is a symbolic link in the target`,
      );
  }

  #replaceInPlace(path: Buffer): void {
    if (!this.#inPlace?.links.has(path)) return;
    this.#inPlace.remove(path);
    this.#inPlace.links.delete(path);
  }
}

function belowLink(path: Buffer, link: Buffer): RekindleError {
  return new RekindleError(
    'RK310',
    `member ${escapePath(path)}, where the archive has the symbolic link ${escapePath(link)}`,
  );
}
