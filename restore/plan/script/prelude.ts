import { targetPrelude } from './target-prelude.ts';
import { unpackPrelude } from './unpack-prelude.ts';

/**
 * What every script begins with: one function for each thing that a plan does besides running a tool. POSIX sh, with
 * standard tools only. `set -e` alone does not see a failed tool inside of a pipeline, so each says "ok" at its end.
 */
export const prelude = String.raw`
# What a set or a disk named may hold escape sequences.
die() { printf '%s\n' "$*" | tr -c '[:print:]\n' '?' >&2; exit 1; }
say() { printf '\n== %s\n' "$*"; }

# CODES COMMAND...: runs a command that may end with any of these codes.
allow() {
  codes=$1; shift
  code=0; "$@" || code=$?
  case " $codes " in *" $code "*) ;; *) die "exit code $code: $*" ;; esac
}

# NAME CONTENTS: nothing is written before the name was typed.
confirm() {
  printf 'Everything on %s will be destroyed (%s).\nType %s to start: ' "$1" "$2" "$1"
  answer=; read -r answer || :
  [ "$answer" = "$1" ] || die 'That is not its name. Nothing was written.'
}

# NAME LOST: the same for a part of a machine.
confirm_part() {
  printf 'This destroys: %s.\nType %s to start: ' "$2" "$1"
  answer=; read -r answer || :
  [ "$answer" = "$1" ] || die 'That is not its name. Nothing was written.'
}

# WHAT FOR: a passphrase, typed twice and not shown, in $answer.
ask_secret() {
  answer=; again=-
  while [ "$answer" != "$again" ] || [ -z "$answer" ]; do
    stty -echo 2> /dev/null || :
    printf '%s: ' "$1"; IFS= read -r answer || die 'No passphrase. Nothing was written.'
    printf '\nThe same once more: '; IFS= read -r again || die 'No passphrase. Nothing was written.'
    stty echo 2> /dev/null || :; echo
  done
}

# WHAT FOR: a passphrase that is in use already, not shown, in $answer.
ask_known_secret() {
  stty -echo 2> /dev/null || :
  printf '%s: ' "$1"; IFS= read -r answer || die 'No passphrase. Nothing was written.'
  stty echo 2> /dev/null || :; echo
}

# DEVICE BYTES SERIAL WWN: names of disks change between boots; these do not. Empty: not known.
assert_disk() {
  [ -b "$1" ] || die "$1 is no disk of this machine."
  [ "$(blockdev --getsize64 "$1")" = "$2" ] || die "$1 does not have $2 bytes: it is another disk."
  [ -z "$3" ] || [ "$(lsblk -dno SERIAL "$1" | sed 's/^ *//; s/ *$//')" = "$3" ] || die "$1 does not have the serial number $3."
  [ -z "$4" ] || [ "$(lsblk -dno WWN "$1" | sed 's/^ *//; s/ *$//')" = "$4" ] || die "$1 does not have the WWN $4."
}

# DEVICE BYTES TYPE UUID: the very device, used by nobody; empty: whatever it holds.
assert_device() {
  bytes=$(blockdev --getsize64 "$1" 2> /dev/null) || die "$1 is not there."
  [ "$bytes" = "${'$'}{2:-$bytes}" ] || die "$1 is not there with $2 bytes: it is another device."
  [ "$(lsblk -nro NAME "$1" | wc -l)" = 1 ] || die "Something stands on $1."
  [ -z "$(lsblk -dnro MOUNTPOINT "$1")" ] || die "$1 is in use."
  [ -z "$3" ] || [ "$(blkid -p -s TYPE -o value "$1")" = "$3" ] || die "$1 holds no $3."
  [ -z "$4" ] || [ "$(blkid -p -s UUID -o value "$1" | tr '[:upper:]' '[:lower:]')" = "$(printf %s "$4" | tr '[:upper:]' '[:lower:]')" ] || die "$1 does not have the UUID $4."
}

# DEVICE...: names that are about to be used may be those of another disk's array or volume.
assert_free() {
  for node in "$@"; do
    [ "$(blockdev --getsize64 "$node" 2> /dev/null || echo 0)" = 0 ] || die "$node is there already. Take the old disks out, or stop it. Nothing was written."
  done
}

# DEVICE: what this machine's kernel holds on the disk, the uppermost first.
release_disk() {
  for node in $(lsblk -nrpo NAME "$1" | sed '1!G; h; $!d'); do
    while findmnt -n -S "$node" > /dev/null; do umount "$node" || die "$node is in use."; done
    if cut -d ' ' -f 1 /proc/swaps | grep -qxF -e "$node"; then swapoff "$node"; fi
    case $(lsblk -dnro TYPE "$node") in
      lvm | crypt | dm) allow '0 1' dmsetup remove --retry "$node" ;;
      raid*) allow '0 1' mdadm --stop "$node" ;;
    esac
  done
  [ "$(lsblk -nro TYPE "$1" | sed 1d | grep -cv '^part$')" = 0 ] || die "Something on $1 is still in use."
}

# DEVICE BYTES: a new partition takes a moment. Empty: any size.
await_node() {
  tries=0
  until bytes=$(blockdev --getsize64 "$1" 2> /dev/null) && [ "$bytes" = "${'$'}{2:-$bytes}" ]; do
    tries=$((tries + 1)); [ "$tries" -le 30 ] || die "$1 did not appear${'$'}{2:+ with $2 bytes}."
    sleep 1
  done
}

# DEVICE AT UUID: extracting into what is not mounted would fill the memory.
assert_mounted() {
  [ "$(findmnt -nro SOURCE --mountpoint "$2" | tail -n 1 | sed 's/\[.*//')" = "$1" ] || die "$1 is not mounted on $2."
  [ -z "$3" ] || [ "$(blkid -p -s UUID -o value "$1" | tr '[:upper:]' '[:lower:]')" = "$(printf %s "$3" | tr '[:upper:]' '[:lower:]')" ] || die "$1 does not have the UUID $3."
}

# Whether this directory belongs to the set, and not to another one, whose files have the same names.
is_set() { grep -qF -e "$SET_ID" "$SET/set.json" 2> /dev/null; }

# PATH VOLUME: a file of the set, from whichever volume holds it.
part() {
  until is_set && [ -r "$SET/$1" ]; do
    printf 'Volume %s of set %s is needed for %s. Mount it on another console,\nthen type the directory on it that holds set.json: ' "$2" "$SET_ID" "$1" > /dev/tty
    read -r SET < /dev/tty || return 1
    [ ! -r "$SET/rekindle/$SET_ID/set.json" ] || SET=$SET/rekindle/$SET_ID
  done
  cat "$SET/$1"
}

# PARTS COMMAND...: feeds an archive to tar. Every one of the four must end well.
extract() {
  parts=$1; shift
  ended=$({ { "$parts" && echo ok >&3; } | { decrypt && echo ok >&3; } | { zstd -dcq && echo ok >&3; } | { "$@" && echo ok >&3; }; } 3>&1 >&2) || :
  [ "$(printf '%s\n' "$ended" | grep -c '^ok$')" = 4 ] || die 'An archive was not extracted to its end.'
}

# WORD: as it is, of which special characters are written as printf's own format has them; with a point behind it.
unescape() {
  case $(printf %s "$1" | sed -E 's/\\([abfnrtv\\]|[0-3][0-7]{2})//g') in *\\*) die "$1 is no name of an index." ;; esac
  # shellcheck disable=SC2059
  printf "$(printf %s "$1" | sed 's/%/%%/g')."
}

# AT WORD: the file of an index's name, in $file. No name leads out of AT, and none through a link.
place() {
  path=$(unescape "$2") || exit 1
  path=${'$'}{path%.}
  case $path in . | ./*) ;; *) die "$2 is no name of an index." ;; esac
  file=$1; rest=${'$'}{path#.}; rest=${'$'}{rest#/}; rest=${'$'}{rest%/}
  while [ -n "$rest" ]; do
    [ ! -h "$file" ] || die "$2 of the index leads through a link."
    each=${'$'}{rest%%/*}
    case $each in '' | . | ..) die "$2 is no name of an index." ;; esac
    file=$file/$each
    case $rest in */*) rest=${'$'}{rest#*/} ;; *) rest= ;; esac
  done
}

# PARTS AT: inode flags and project ids, which no tar keeps, from an archive's index. FLAGS PROJECTS may follow: only those.
set_attributes() {
  tab=$(printf '\t')
  known=${'$'}{3:-ffffffff}; projects=${'$'}{4-projects}
  "$1" | decrypt | zstd -dcq | sed -n '/^[AE]/p' | {
    ended=
    while IFS=$tab read -r kind flags project escaped; do
      [ "$kind" = A ] || { ended=1; continue; }
      # A shell's arithmetic would run the commands of a word that is no number.
      case $flags in '' | *[!0-9a-f]* | ?????????*) die "$flags are no inode flags." ;; esac
      case $project in '' | *[!0-9]* | ???????????*) die "$project is no project." ;; esac
      place "$2" "$escaped"
      [ ! -h "$file" ] || die "$escaped of the index is a link, which has no flags."
      letters=
      for each in 1s 2u 4c 8S 10i 20a 40d 80A 4000j 8000t 10000D 20000T 800000C 2000000x 20000000P; do
        bit=${'$'}{each%?}
        [ $((0x$flags & 0x$bit & 0x$known)) -eq 0 ] || letters=$letters${'$'}{each#"$bit"}
      done
      [ "$project" = 0 ] || [ -z "$projects" ] || chattr -p "$project" "$file"
      [ -z "$letters" ] || chattr "+$letters" "$file"
    done
    [ -n "$ended" ]
  } || die "The flags of files below $2 were not set to the end."
}

# ROOT DISK...: only Rekindle itself can prove it.
prove() {
  if command -v rekindle > /dev/null; then rekindle prove --root "$1" || printf '%s\n' 'Look at the findings above before you restart.'
  else printf '%s\n' 'Rekindle is not here: nobody proved that this system can boot. Look at its /etc/fstab and boot menu.'
  fi
}
${targetPrelude}${unpackPrelude}`;
