/** RK3xx: the recovery set. */
export const setErrors = {
  RK301: {
    title: 'The recovery set is damaged.',
    hint: 'Use another copy of the medium. Nothing was written to any disk.',
  },
  RK302: {
    title: 'The description of the set (set.json) cannot be read.',
    hint: 'Use another copy of the medium. Nothing was written to any disk.',
  },
  RK303: {
    title: "The set's manifest is damaged.",
    hint: 'Use another copy of the medium. Nothing was written to any disk.',
  },
  RK304: {
    title: 'The set was made by a newer Rekindle.',
    hint: 'Boot the medium that was made with it: it carries the right version.',
  },
  RK305: {
    title: 'A file of the set is missing or has another size.',
    hint: 'The medium is incomplete: use another copy. By hand: docs/by-hand.md.',
  },
  RK306: {
    title: 'The medium cannot be read any more.',
    hint: 'Put the medium back, or clean it, then start again. A disk that was being restored is incomplete.',
  },
  RK307: {
    title: 'An archive ended too early.',
    hint: 'The medium is damaged: use another copy. The disk that was being restored is incomplete.',
  },
  RK308: {
    title: "An archive's content is not what was saved.",
    hint: 'The medium or the memory is damaged: use another copy, run a memory test. The restored disk must not be used.',
  },
  RK309: {
    title: 'A file system could not be saved completely.',
    hint: 'Repair the file system or exclude what cannot be read, then run it again. No medium was made.',
  },
  RK310: {
    title: 'The archive holds a name that would leave its file system.',
    hint: 'Do not use this set: it was changed, or not made by Rekindle.',
  },
  RK311: {
    title: 'The files could not be written to the target.',
    hint: 'Read the cause; choose a larger disk or repair this one, then start the restore again.',
  },
  RK340: {
    title: "An archive's index is damaged.",
    hint: 'Use another copy of the medium. The archive itself may be whole: by hand it needs no index (docs/by-hand.md).',
  },
  RK341: {
    title: "An archive's index ended too early.",
    hint: 'The medium is damaged or was never finished: use another copy. By hand: docs/by-hand.md.',
  },
  RK342: {
    title: "An archive's index was made by a newer Rekindle.",
    hint: 'Boot the medium that was made with it: it carries the right version.',
  },
  RK343: {
    title: 'The index of what tar writes could not be made.',
    hint: 'Check that "tar --version" names GNU tar, then run it again. No medium was made.',
  },
} as const;
