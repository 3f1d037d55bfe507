import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue, type ErrorCode, type ErrorEntry } from '../../../common/errors/catalogue.ts';

const root = join(import.meta.dirname, '../../..');

/** What a text may say of disks, files, the medium or us that can be false, depending on where it is thrown. */
const claim =
  /\b(nothing (?:was|is|has)|wrote|bug|damaged?|incomplete|untouched|unfinished|unchanged|intact|is safe|(?:is|are|was|were) lost|(?:was|were) removed|kept|left mounted|must not be used|(?:was|were) changed|changed since|(?:is|are) (?:not )?good|never finished|no (?:\w+ )?(?:disk|file|medium) (?:was|were)|not (?:touched|changed|written))\b/i;

/** A claim, every file that names its code, and why it is true wherever that throws it. Nothing else may claim anything. */
interface Reviewed {
  claims: readonly string[];
  thrownIn: readonly string[];
}

const reviewed: Partial<Record<ErrorCode, Reviewed>> = {
  // The rest of `reportOf`: no error of ours, no refusal of the system. The others only compare with it.
  RK001: {
    claims: ['Rekindle met something it did not foresee. This is a bug in Rekindle.'],
    thrownIn: [
      'cli/dispatch.ts',
      'common/errors/error.ts',
      'init/main.ts',
      'restore/execute/failure.ts',
      'restore/execute/request.ts',
    ],
  },
  // Either its bytes or its digest. Init mounts everything read-only, and replays no journal.
  RK105: {
    claims: [
      'The rescue system on the medium (rd-base) is damaged or cannot be read.',
      'This start of the medium wrote to no disk.',
    ],
    thrownIn: ['init/medium/inspect.ts', 'init/root/rd-base.ts'],
  },
  RK109: {
    claims: ['This start of the medium wrote to no disk.'],
    thrownIn: ['init/medium/inspect.ts', 'init/medium/set.ts'],
  },
  // Not JSON, or not by its schema: it was written whole by `create`.
  RK113: {
    claims: ['What the initrd says of its rescue system (seal.json) is damaged.'],
    thrownIn: ['common/medium-seal.ts'],
  },
  // The program that unpacks it, or Node, refused its bytes; what may not be read has another code.
  RK224: {
    claims: ['Its file is damaged, or not what its name says: reinstall the package of the kernel, then run it again.'],
    thrownIn: ['build/rescue/module-file.ts'],
  },
  // What verification found, or why not even the rest can be had: a volume that was given up, too.
  RK301: {
    claims: ['The recovery set is damaged, incomplete, or cannot be read.'],
    thrownIn: ['restore/execute/carry-out.ts', 'restore/execute/consent.ts', 'restore/execute/restore-run.ts'],
  },
  // Digest, schema, or two files that do not fit; what may not be read or is not there has another code.
  RK303: { claims: ["The set's manifest or layout is damaged."], thrownIn: ['restore/archive/open-set.ts'] },
  // Of the archive that was read; said of whatever it was restored into.
  RK307: {
    claims: ['What this archive was restored into is incomplete.'],
    thrownIn: ['cli/look.ts', 'restore/archive/extract-archive.ts', 'restore/execute/restore-run.ts'],
  },
  RK308: {
    claims: ['What was restored from this archive must not be used.'],
    // `extract` puts another hint in its place.
    thrownIn: [
      'cli/look.ts',
      'restore/archive/extract-archive.ts',
      'restore/archive/member-check.ts',
      'restore/archive/raw/restore-raw.ts',
      'restore/archive/salvage.ts',
      'restore/execute/restore-run.ts',
    ],
  },
  // Only create writes archives, and it makes the images after them.
  RK309: { claims: ['No medium was made.'], thrownIn: ['restore/archive/write-archive.ts'] },
  RK343: {
    claims: ['No medium was made.'],
    thrownIn: ['restore/archive/index/index-tap.ts', 'restore/archive/write-archive.ts'],
  },
  // Of members that the stream has and the index did not promise: no damage does that behind a good digest.
  RK375: {
    claims: ['Do not use this set: it was changed, or not made by Rekindle.'],
    thrownIn: ['restore/archive/target/promised-names.ts'],
  },
  // age's own authentication: header, MAC, chunk, end; in unlock.ts the SHA-256 of key.age.
  RK322: {
    claims: ['The beginning of an encrypted file is damaged or was changed.'],
    thrownIn: ['restore/archive/age/failure.ts', 'restore/archive/unlock.ts'],
  },
  RK323: { claims: ['The medium is incomplete: use another copy.'], thrownIn: ['restore/archive/age/failure.ts'] },
  RK324: {
    claims: ['An encrypted file is damaged or was changed.', 'What was read before this place is good.'],
    thrownIn: ['restore/archive/age/failure.ts'],
  },
  RK331: {
    claims: [
      'The signature is not good.',
      'Do not restore from this medium: it is damaged, was changed, or was signed with another key.',
    ],
    thrownIn: ['restore/archive/signature/verify.ts'],
  },
  RK340: {
    claims: ["An archive's index is damaged."],
    thrownIn: ['restore/archive/index/index-lines.ts', 'restore/archive/index/unpacked-lines.ts'],
  },
  RK341: {
    claims: ['The medium is damaged or was never finished: use another copy.'],
    thrownIn: ['restore/archive/index/index-reader.ts', 'restore/archive/index/unpacked-lines.ts'],
  },
  RK362: {
    claims: [
      'A set was changed after it was signed.',
      'Do not restore from it: it is damaged, or somebody changed it.',
    ],
    thrownIn: ['restore/archive/signature/judge-set.ts'],
  },
  RK456: { claims: ['The plan changed since it was shown.'], thrownIn: ['restore/execute/consent.ts'] },
  // Files that the menu lists, or what a step's consequence says.
  RK465: {
    claims: ['or read in the menu which files are lost, and type what the plan asks for to restore the rest.'],
    thrownIn: ['restore/execute/consent.ts'],
  },
  RK466: {
    claims: ['Read in the menu which files are lost now, then start again;'],
    thrownIn: ['restore/execute/carry-out.ts', 'restore/execute/restore-run.ts'],
  },
  RK469: {
    claims: ['Read what is lost without it, then type the words exactly as they are shown.'],
    thrownIn: ['restore/execute/skip.ts'],
  },
};

const rooms = ['build', 'cli', 'common', 'init', 'packages', 'restore', 'tui'];
const files = rooms.flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/(^|\/)(node_modules|tests)\//.test(name))
    .map((name) => `${room}/${name}`)
    .filter((name) => !/^common\/errors\/(?!error\.ts)/.test(name)),
);
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

function claimsOf({ title, hint }: ErrorEntry): string[] {
  return [title, ...hint.split(/(?<=[.;])\s+/)].filter((sentence) => claim.test(sentence));
}

describe('[C15] what the texts of errors claim', () => {
  const codes = Object.keys(catalogue) as ErrorCode[];

  it.each(codes)('%s claims nothing that nobody reviewed, for every place that throws it', (code) => {
    const { claims, thrownIn } = reviewed[code] ?? { claims: [], thrownIn: [] };
    expect(claimsOf(catalogue[code])).toEqual(claims);
    if (claims.length === 0) return;
    const named = files.filter((file) => texts.get(file)?.includes(`'${code}'`));
    expect(named.toSorted()).toEqual([...thrownIn].toSorted());
  });

  it('never is that nothing was written: that is computed from the journal', () => {
    const all = codes.map((code) => `${catalogue[code].title} ${catalogue[code].hint}`).join('\n');
    expect(all).not.toMatch(/nothing (was|is|has been) (written|changed|extracted)|no disk was|untouched|not touched/i);
  });
});

describe('[C15] texts elsewhere that say that nothing was written', () => {
  /** Files whose words were reviewed, and why they are true. */
  const places: Record<string, string> = {
    'restore/execute/written.ts': 'the one place that computes it from the journal',
    'restore/plan/script/prelude.ts': 'a script runs once from its beginning; all of it is asked before the first step',
    'restore/plan/script/render-script.ts': 'the same',
    'restore/plan/script/target-prelude.ts': 'of the one name that the step, which ends there, would have written to',
    'restore/execute/assert-own-place.ts': 'the same',
    'cli/plan.ts': 'plan writes nothing, ever',
    'tui/screens/main-menu.tsx': 'what showing the plan does, not what was done before',
    'tui/screens/help.tsx': 'what a key does, not what was done before',
  };
  const words =
    /nothing (?:was|is|has been) (?:written|changed|extracted|saved)|untouched|not touched|left mounted|is a bug/i;

  it('stand only where they were reviewed', () => {
    const found = files.filter((file) =>
      (texts.get(file) ?? '')
        .split('\n')
        .some((line) => words.test(line.replace(/^\s*(\/\/|\*|\/\*).*|\/\*.*\*\//, ''))),
    );
    expect(found.toSorted()).toEqual(Object.keys(places).toSorted());
  });
});
