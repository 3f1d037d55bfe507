/** RK3xx: the recovery set. */
export const setErrors = {
  RK301: {
    title: 'The recovery set is damaged, incomplete, or cannot be read.',
    hint: 'Use another copy of the medium.',
  },
  RK302: {
    title: 'There is no set here whose description (set.json) can be read.',
    hint: 'Name a medium, its folder or an ISO file; or use another copy of the medium.',
  },
  RK303: {
    title: "The set's manifest or layout is damaged.",
    hint: 'Use another copy of the medium.',
  },
  RK304: {
    title: 'The set was made by a newer Rekindle.',
    hint: 'Boot the medium that was made with it: it carries the right version.',
  },
  RK305: {
    title: 'A file of the set is missing, has another size, or is no regular file.',
    hint: 'Use another copy of the medium. By hand: docs/by-hand.md.',
  },
  RK306: {
    title: 'The medium cannot be read any more.',
    hint: 'Put the medium back, or clean it, then start again.',
  },
  RK307: {
    title: 'An archive ended too early.',
    hint: 'Use another copy of the medium. What this archive was restored into is incomplete.',
  },
  RK308: {
    title: "An archive's content is not what was saved.",
    hint: 'Use another copy of the medium, and run a memory test. What was restored from this archive must not be used.',
  },
  RK309: {
    title: 'A file system could not be saved completely.',
    hint: 'Repair the file system (fsck), or the disk, then run it again. No medium was made.',
  },
  RK310: {
    title: 'The archive holds a name that could lead out of its file system.',
    hint: 'A folder that was moved, or replaced by a link, while it was saved can look like this; so can a set that somebody made or changed. If you do not know where it comes from, do not use it. Else use another set, or take what is beside the named place: rekindle extract --path.',
  },
  RK311: {
    title: 'The files could not be written to the target.',
    hint: 'Read the cause. Make room, repair what is named or choose another disk or folder; then run it again.',
  },
  RK312: {
    title: 'These volumes do not belong together.',
    hint: 'Name each volume of one set once: their set.json says which set, and which number.',
  },
  RK314: {
    title: 'A part of the set is on a volume that is not here.',
    hint: 'Put in the volume that is named, or name it on the command line too.',
  },
  RK315: {
    title: 'The set is encrypted.',
    hint: 'Give its passphrase, or the file with a key that it was encrypted to.',
  },
  RK316: {
    title: 'There are several sets here.',
    hint: 'Choose one with --set UUID.',
  },
  RK317: {
    title: 'The set holds no such file.',
    hint: 'Look with "rekindle list --path FOLDER" how its path is spelled. Paths are those of the saved machine.',
  },
  RK313: {
    title: 'The last volume of the set is needed first: the list of all files is on it.',
    hint: 'Put in the last volume, or name it on the command line too.',
  },
  RK374: {
    title: 'Something lies in the target where the set has something else.',
    hint: 'Look at what is named and move it away if it does not belong there; or take the files out into an empty folder.',
  },
  RK375: {
    title: "An archive's index is not the list of what the archive holds.",
    hint: 'Do not use this set: it was changed, or not made by Rekindle.',
  },
  RK320: {
    title: 'The passphrase is wrong.',
    hint: 'Type it again; check Caps Lock and the keyboard layout.',
  },
  RK321: {
    title: 'None of the given keys opens this encrypted file.',
    hint: 'Give the passphrase or the key file that belongs to the recipients that are named.',
  },
  RK322: {
    title: 'The beginning of an encrypted file is damaged or was changed.',
    hint: 'Use another copy of the medium. Do not trust what else is on this one.',
  },
  RK323: {
    title: 'An encrypted file is cut off.',
    hint: 'The medium is incomplete: use another copy.',
  },
  RK324: {
    title: 'An encrypted file is damaged or was changed.',
    hint: 'Clean the medium and try again, or use another copy. What was read before this place is good.',
  },
  RK325: {
    title: 'This is not an encrypted file that this version can read.',
    hint: 'Only binary age files (age-encryption.org/v1) are read. Turn an armored one into a binary one with age itself.',
  },
  RK326: {
    title: 'The passphrase of this file needs too much memory.',
    hint: 'Open it on a machine with more memory, or encrypt with a key file or a lower work factor.',
  },
  RK327: {
    title: 'A recipient of the encryption is not understood.',
    hint: 'Give public keys that begin with age1, ssh-ed25519 or ssh-rsa, one a line.',
  },
  RK328: {
    title: 'A key file for decryption cannot be used.',
    hint: 'Give a file that age-keygen made, or an OpenSSH private key (ed25519, rsa) without a passphrase.',
  },
  RK329: {
    title: 'No passphrase could be read.',
    hint: 'Run it on a terminal, or hand the passphrase over by a file descriptor, ended by a newline.',
  },
  RK330: {
    title: 'The two passphrases that were typed differ.',
    hint: 'Start again and type the same passphrase twice.',
  },
  RK331: {
    title: 'The signature is not good.',
    hint: 'Do not restore from this medium: it is damaged, was changed, or was signed with another key.',
  },
  RK332: {
    title: 'The set is not signed.',
    hint: 'Use a medium that was made with a signing key, or restore without asking for a signature.',
  },
  RK333: {
    title: 'A minisign key cannot be used.',
    hint: 'Give a key file as "minisign -G" makes it: the .pub file to verify, the .key file to sign.',
  },
  RK334: {
    title: 'The password of the signing key is wrong.',
    hint: 'Type the password that was chosen when the key was made.',
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
  RK350: {
    title: 'There is nothing that an incremental set could build on.',
    hint: 'Run "rekindle create --level full" first, and keep its medium: incremental sets need it.',
  },
  RK351: {
    title: 'A set that an incremental one builds on is missing.',
    hint: 'Name the medium of the set that is meant too. Without it only a full set, or a set older than the missing one, can be restored.',
  },
  RK352: {
    title: 'A set and the one that it builds on are of different machines.',
    hint: 'Use the media of one machine, or restore from its newest full set.',
  },
  RK353: {
    title: 'An incremental set builds on a file system that its base does not hold.',
    hint: 'Restore from another set, best the newest full one. These media do not belong together.',
  },
  RK354: {
    title: 'A set is older than the one that it builds on.',
    hint: 'Restore from another set, best the newest full one. These media do not belong together.',
  },
  RK355: {
    title: 'The levels of the sets leave a gap.',
    hint: 'Restore from another set, best the newest full one. These media do not belong together.',
  },
  RK357: {
    title: 'A snapshot that this machine keeps for incremental sets cannot be used.',
    hint: 'Remove its folder, then run "rekindle create --level full".',
  },
  RK358: {
    title: 'The clock of this machine shows a time before the last set was made.',
    hint: 'Set the clock, then run "rekindle create --level full": what changed meanwhile cannot be told by its time.',
  },
  RK359: {
    title: 'Another file system is mounted below the one that is restored.',
    hint: 'Unmount what is named: each file system is restored alone, because files that the set does not hold are deleted in it.',
  },
  RK360: {
    title: 'The set is not signed, as it must be here.',
    hint: 'Use one that was made with --signing-key. If you know where it comes from, choose "Use it anyway" in the menu, or run it without --trusted-key.',
  },
  RK361: {
    title: 'The set is signed by a key that is not trusted here.',
    hint: 'Compare the keys. If you know who signed it, choose "Use it anyway" in the menu, or name that key with --trusted-key.',
  },
  RK362: {
    title: 'A set was changed after it was signed.',
    hint: 'Do not restore from it: it is damaged, or somebody changed it. Use another copy.',
  },
  RK363: {
    title: 'The words that let an unsigned set in were not typed.',
    hint: 'Type them exactly as the screen shows them, or use a signed set.',
  },
  RK364: {
    title: 'The medium would refuse its own backup: none of the trusted keys signs it.',
    hint: 'Sign with --signing-key, and name its public key with --trusted-key too; or do without --trusted-key.',
  },
  RK365: {
    title: 'The answer file beside the set does not belong to it.',
    hint: 'It was put there, or changed, after the set was made. Restore from the menu, or name a file of your own with rekindle.answer=.',
  },
} as const;
