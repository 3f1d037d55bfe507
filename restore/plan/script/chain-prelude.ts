/** What a script has besides (see prelude.ts) where file systems come from several sets: the full one, then what changed since. */
export const chainPrelude = String.raw`
# NUMBER: parts and keys are those of this set from now on; 0 is the one that is restored.
current=0
use_set() {
  case $1 in '' | *[!0-9]*) die "$1 is no number of a set." ;; esac
  eval "SET_$current=\$SET; SET=\$SET_$1; SET_ID=\$SET_ID_$1; KEY=\$KEY_$1"
  current=$1
}

# AT: files are deleted here, everything that the next archive does not know.
assert_alone() {
  below=$(printf '%s/' "$1" | sed 's/\\/\\134/g; s/ /\\040/g')
  below=$below awk 'index($5, ENVIRON["below"]) == 1 { exit 1 }' /proc/self/mountinfo || die "Something is mounted below $1."
}

# AT: tar only adds to the extended attributes that a directory has, so they go first.
clear_attributes() {
  { find "$1" -xdev -type d -exec getfattr -h -m - --absolute-names {} + && echo '# ended'; } | {
    ended=
    while IFS= read -r line; do
      case $line in
        '# ended') ended=1 ;;
        '# file: '*) directory=$(unescape "${'$'}{line#'# file: '}") ;;
        ?*) name=$(unescape "$line"); setfattr -h -x "${'$'}{name%.}" "${'$'}{directory%.}" ;;
      esac
    done
    [ -n "$ended" ]
  } || die "The attributes of directories below $1 could not be removed."
}

# FILE: what no two versions of a file share.
version_of() { stat -c '%f %s %.9Y %u %g' "$1"; }

# FILE NAME: makes NAME another name of FILE. The folder keeps its time.
join_name() {
  folder=${'$'}{2%/*}
  time=$(stat -c %.9Y "$folder")
  ln -P "$1" "$folder/.rekindle-link-$$"
  mv -fT "$folder/.rekindle-link-$$" "$2"
  touch -d "@$time" "$folder"
}

# INDEX AT: names of one file, which an archive of changes may hold as files of their own.
join_names() {
  tab=$(printf '\t')
  "$1" | decrypt | zstd -dcq | sed -n '/^[LE]/p' | sort -s -t "$tab" -k 1,1r -k 2,2n | {
    ended=; number=; first=
    while IFS=$tab read -r kind of escaped; do
      [ "$kind" = L ] || { ended=1; continue; }
      case $of in '' | *[!0-9]*) die "$of is no number of a file." ;; esac
      place "$2" "$escaped"
      [ -e "$file" ] || [ -h "$file" ] || continue
      if [ "$of" != "$number" ]; then number=$of; first=$file
      elif [ "$(stat -c %i "$first")" != "$(stat -c %i "$file")" ] && [ "$(version_of "$first")" = "$(version_of "$file")" ]; then
        join_name "$first" "$file"
      fi
    done
    [ -n "$ended" ]
  } || die "The names of files below $2 were not joined to the end."
}
`;
