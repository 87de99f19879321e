#!/bin/sh
# Runs a command with a container engine and our server image at hand:
#
#   docker/podman-test.sh pytest
#
# For Debian machines without an engine, and where no registry of images is reached: Podman from
# Debian's packages, a base image from debootstrap, docker/Dockerfile.server built on it, and
# Podman's service as DOCKER_HOST. Needs root. LINEAGE_PODMAN_DIR keeps the work (default: a folder
# in the cache); LINEAGE_TEST_NEO4J_VERSION picks the version line.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
work=${LINEAGE_PODMAN_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/lineage-graphlets/podman}
line=${LINEAGE_TEST_NEO4J_VERSION:-5.26}
suite=bookworm
base=localhost/lineage-base:$suite
image=localhost/lineage-neo4j:$line
mkdir -p "$work"

say() { printf 'podman-test: %s\n' "$*" >&2; }

need=
for program in podman runc debootstrap; do
    command -v "$program" > /dev/null || need="$need $program"
done
if [ -n "$need" ]; then
    say "installing$need"
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $need > /dev/null
fi

# Within another container the limits that Podman asks for are refused, and systemd is not there.
cat > "$work/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=19000:19000", "nproc=8192:8192"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
CONF
export CONTAINERS_CONF="$work/containers.conf"

if ! podman image exists "$base"; then
    say "making the base image"
    rm -rf "$work/rootfs"
    debootstrap --variant=minbase "$suite" "$work/rootfs" > "$work/debootstrap.log"
    tar -C "$work/rootfs" -c . | podman import --quiet - "$base" > /dev/null
    rm -rf "$work/rootfs"
fi

# A machine may reach the package registries through certificates of its own; the build sees them.
certificates=/etc/ssl/certs/ca-certificates.crt
say "building $image"
podman build --quiet --network host --format docker \
    --volume "$certificates:/host-certificates.crt:ro" \
    --build-arg PIP_CERT=/host-certificates.crt \
    --build-arg REQUESTS_CA_BUNDLE=/host-certificates.crt \
    --build-arg "BASE=$base" --build-arg "NEO4J_LINE=$line" \
    -f "$root/docker/Dockerfile.server" -t "$image" "$root" > "$work/build.log"

socket=$work/podman.sock
podman system service --time 0 "unix://$socket" 2> "$work/service.log" &
service=$!
trap 'kill "$service" 2> /dev/null || true' EXIT
trap 'exit 130' INT TERM
while [ ! -S "$socket" ]; do
    kill -0 "$service" 2> /dev/null || { cat "$work/service.log" >&2; exit 1; }
    sleep 0.1
done

if ! command -v docker > /dev/null; then
    mkdir -p "$work/bin"
    ln -sf "$(command -v podman)" "$work/bin/docker"
    export PATH="$work/bin:$PATH"
fi
export DOCKER_HOST="unix://$socket"
export LINEAGE_TEST_IMAGE="$image"
export LINEAGE_NEO4J_IMAGE="$image"
# Its reaper is an image of Docker Hub; the tests end their containers themselves.
export TESTCONTAINERS_RYUK_DISABLED=true
export TESTCONTAINERS_CONNECTION_MODE=docker_host
export TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
unset NEO4J_URI
say "running: $*"
"$@"
