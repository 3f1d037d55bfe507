/**
 * How every script unpacks a tar archive. GNU tar without -P takes no name that leads out, but it follows links that are there
 * already, of earlier archives or of an existing file system, and moves what a list of names of an incremental archive says.
 */
export const unpackPrelude = String.raw`
# AT COMMAND...: all that the command finds is AT, and to be read what it consists of itself.
confined() {
  # shellcheck disable=SC2016
  unshare --mount --propagation private sh -euc '
    at=$(cd "$1" && pwd -P); shift
    # Nothing of it is needed, and it is there on every machine.
    root=/dev
    mount -t tmpfs -o mode=0755 none "$root"
    for each in /bin /sbin /lib* /usr /etc; do
      if [ -h "$each" ]; then cp -P "$each" "$root$each"
      elif [ -d "$each" ]; then mkdir "$root$each"; mount --bind "$each" "$root$each"; mount -o remount,bind,ro,nodev none "$root$each"
      fi
    done
    mkdir -p "$root$at"; mount --bind "$at" "$root$at"; mount -o remount,ro none "$root"
    exec chroot "$root" "$@"' sh "$@"
}

# PARTS AT: where AT holds links already, none of them may lie in the way of the archive's names.
assert_way() {
  [ -n "$(find "$2" -xdev -type l -print -quit)" ] || return 0
  printf '%s\n' 'There are links already: the names of the archive are read first.'
  {
    (cd "$2" && find . -xdev -type l -print0 | tar -c --no-recursion --null --no-unquote -T -) |
      tar -t --quoting-style=escape --quote-chars=' ' | sed 's/^/LINK /' && echo 'ENDED '
    "$1" | decrypt | zstd -dcq | { tar -tv --numeric-owner --quoting-style=escape --quote-chars=' ' && echo 'ENDED '; }
  } | sed 's/\\\\/\\134/g; s/\\ /\\040/g' | awk '
    function plain(name) { sub(/^\.\//, "", name); sub(/\/$/, "", name); return name }
    function passes(name) { while (sub(/\/[^\/]*$/, "", name)) { if (name in passed) break; passed[name] } }
    $1 == "ENDED" { ended++; next }
    $1 == "LINK" { link[plain($2)]; next }
    {
      # A time that no calendar has is one number.
      at = $4 ~ /^-?[0-9]+-[0-9][0-9]-[0-9][0-9]$/ ? 6 : 5
      passes(plain($at))
      if (/^d/) passed[plain($at)]
      if (/^h/) passes(plain($(at + 3)))
      if (/^[hl]/) link[plain($at)]
    }
    END {
      for (name in passed) if (name in link) { print "The link ./" name " lies in the way of the archive."; bad = 1 }
      exit bad || ended < 2
    }' >&2 || die "The archive was not extracted to $2."
}
`;
