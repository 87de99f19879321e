#!/bin/sh
# Starts Neo4j as the official image does, as far as tests and compose need it:
# NEO4J_AUTH=neo4j/PASSWORD or none, NEO4J_AUTH_FILE, and NEO4J_a_b__c=value for the setting a.b_c.
set -eu

home=${NEO4J_HOME:-/neo4j}
conf=$home/conf/neo4j.conf
umask 077

setting() { # name value: the last one that is given wins, and none is there twice
    grep -v "^$1=" "$conf" > "$home/run/conf" || true
    printf '%s=%s\n' "$1" "$2" >> "$home/run/conf"
    cat "$home/run/conf" > "$conf"
}

value_of() { # name
    sed -n "s/^$1=//p" "$conf" | tail -n 1
}

auth=${NEO4J_AUTH:-}
if [ -n "${NEO4J_AUTH_FILE:-}" ]; then
    auth=$(cat "$NEO4J_AUTH_FILE")
fi

# Root only reads the secret, which is its alone, and hands mounted folders over.
if [ "$(id -u)" = 0 ]; then
    for folder in /data /logs; do
        [ "$(stat -c %U "$folder")" = neo4j ] || chown -R neo4j:neo4j "$folder"
    done
    export NEO4J_AUTH="$auth"
    unset NEO4J_AUTH_FILE
    exec setpriv --reuid=neo4j --regid=neo4j --init-groups --no-new-privs -- "$0" "$@"
fi

# Names only, one word each: a value may hold a line break.
# shellcheck disable=SC2013
for variable in $(awk 'BEGIN { for (name in ENVIRON) if (name ~ /^NEO4J_[a-z]/) print name }'); do
    name=$(printf '%s' "${variable#NEO4J_}" | sed 's/__/\n/g; s/_/./g' | tr '\n' '_')
    setting "$name" "$(printenv "$variable")"
done

case $auth in
none)
    setting dbms.security.auth_enabled false
    ;;
neo4j/?*)
    if [ ! -e "$home/data/dbms/auth.ini" ] && [ ! -d "$home/data/databases" ]; then
        # Through a file: a command line is there for all to see.
        word=$(printf '%s' "${auth#neo4j/}" | sed 's/[\\"]/\\&/g')
        cat "$home/jvm.args" "$home/admin-class" > "$home/run/admin.args"
        printf 'dbms\nset-initial-password\n--\n"%s"\n' "$word" >> "$home/run/admin.args"
        "$home/java/bin/java" -XX:-UsePerfData "@$home/run/admin.args"
        rm -f "$home/run/admin.args"
    fi
    ;;
*)
    echo 'set NEO4J_AUTH to neo4j/PASSWORD or to none, or NEO4J_AUTH_FILE to a file of that' >&2
    exit 1
    ;;
esac
unset NEO4J_AUTH auth word

exec "$home/java/bin/java" "@$home/jvm.args" \
    "-Xms$(value_of server.memory.heap.initial_size)" \
    "-Xmx$(value_of server.memory.heap.max_size)" \
    -XX:+ExitOnOutOfMemoryError \
    "$(cat "$home/main-class")" "--home-dir=$home" "--config-dir=$home/conf" --console-mode "$@"
