/** How every script works by name on what was restored: links of the set must not lead it out to the system that runs the script. */
export const targetPrelude = String.raw`
# ROOT PATH...: what is there on the way, and at its end, is a folder or a file of ROOT itself.
assert_own() {
  own=$1; shift
  for rest in "$@"; do
    file=$own
    while [ -n "$rest" ]; do
      each=${'$'}{rest%%/*}
      [ "$each" != .. ] || die "$file/.. leads out of $own."
      file=$file/$each
      case $rest in */*) rest=${'$'}{rest#*/} ;; *) rest= ;; esac
      [ ! -h "$file" ] || die "$file is a symbolic link to $(readlink "$file"): nothing is written or mounted through it."
      [ ! -e "$file" ] || [ -d "$file" ] || [ -f "$file" ] || die "$file is neither a folder nor a file."
    done
  done
}

# ROOT PATH: where its links lead as the restored machine sees them, in $file: an absolute one begins at ROOT, '..' ends there.
locate() {
  file=$1; rest=$2; links=0
  while [ -n "$rest" ]; do
    each=${'$'}{rest%%/*}
    case $rest in */*) rest=${'$'}{rest#*/} ;; *) rest= ;; esac
    case $each in
      '' | .) continue ;;
      ..) [ "$file" = "$1" ] || file=${'$'}{file%/*}; continue ;;
    esac
    if [ -h "$file/$each" ]; then
      links=$((links + 1)); [ "$links" -le 40 ] || die "$file/$each leads in a circle."
      to=$(readlink -n "$file/$each"; echo .); to=${'$'}{to%.}
      case $to in /*) file=$1 ;; esac
      rest=$to/$rest
    else file=$file/$each
    fi
  done
}

# ROOT MARK...: the marker stops a second unattended restore; there is no log, but this script says what was done.
copy_log() {
  locate "$1" var/log; shift
  logs=$file
  assert_own "$logs" rekindle
  mkdir -p "$logs/rekindle"
  rm -f "$logs/rekindle/restore.sh" "$logs/rekindle/restored.json"
  cp -T -- "$0" "$logs/rekindle/restore.sh"
  printf '{"set":"%s","at":"%s"}\n' "$SET_ID" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$logs/rekindle/restored.json"
  chmod 600 "$logs/rekindle/restored.json"
  for mark in "$@"; do
    # Without it, an unattended restore does not see there what was restored.
    (
      assert_own "$mark" rekindle
      mkdir -p "$mark/rekindle" && rm -f "$mark/rekindle/restored.json" &&
        cp -T -- "$logs/rekindle/restored.json" "$mark/rekindle/restored.json"
    ) || :
  done
}
`;
