#!/bin/sh
# Starts the receiver in a container. As in the server's image, root only reads the secrets, which
# are its alone: NEO4J_AUTH_FILE (neo4j/PASSWORD) and LINEAGE_API_KEY_FILE (keys, one a line).
set -eu

if [ "$(id -u)" = 0 ]; then
    if [ -n "${NEO4J_AUTH_FILE:-}" ]; then
        auth=$(cat "$NEO4J_AUTH_FILE")
        NEO4J_USERNAME=${auth%%/*}
        NEO4J_PASSWORD=${auth#*/}
        export NEO4J_USERNAME NEO4J_PASSWORD
    fi
    if [ -n "${LINEAGE_API_KEY_FILE:-}" ]; then
        LINEAGE_API_KEY=$(cat "$LINEAGE_API_KEY_FILE")
        export LINEAGE_API_KEY
    fi
    unset NEO4J_AUTH_FILE LINEAGE_API_KEY_FILE auth
    [ "$(stat -c %U /journal)" = lineage ] || chown -R lineage:lineage /journal
    exec setpriv --reuid=lineage --regid=lineage --init-groups --no-new-privs -- "$0" "$@"
fi

# All addresses of the container: it refuses to start without a key.
exec lineage serve --host 0.0.0.0 --port 8765 --journal /journal/events "$@"
