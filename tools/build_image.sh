#!/usr/bin/env bash
# Builds the container that `exportlint verify --sandbox docker` and the Action run. All arguments are variables:
#   TAG=exportlint            the image's name
#   BASE=python:3.11-slim-bookworm   pulled when absent; where that fails, made from Debian's packages (root, debootstrap)
#   TORCH_INDEX=URL           an index with CPU builds of torch; by default PyTorch's own
#   TORCH_SHA256=HEX          the hash that torch's wheel must have (all other packages are held to theirs anyway)
#   WHEELHOUSE=DIR            or a folder of wheels: torch is taken from there, and others whose hash fits
#   PIP_CA=FILE               certificates that pip shall trust, behind a proxy that opens TLS; PIP_CERT where that is set
set -euo pipefail

tag=${TAG:-exportlint}
base=${BASE:-python:3.11-slim-bookworm}
ca=${PIP_CA:-${PIP_CERT:-}}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# A client that can drive BuildKit: one with buildx, or one from before Docker 23, which had it built in.
docker=
for client in $(type -ap docker); do
    if "$client" buildx version >/dev/null 2>&1 || [ "$("$client" version --format '{{.Client.Version}}' | cut -d. -f1)" -lt 23 ]; then
        docker=$client
        break
    fi
done
[ -n "$docker" ] || { echo "build_image: no docker client here that can build (docker buildx is missing)" >&2; exit 1; }

if ! "$docker" image inspect "$base" >/dev/null 2>&1 && ! "$docker" pull --quiet "$base"; then
    echo "build_image: $base is neither here nor to be pulled; making it from Debian's packages" >&2
    "$root/tools/base_image.sh" "$base"
fi

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp -r "$root"/{exportlint,pyproject.toml,constraints.txt,requirements-container.txt,README.md,LICENSE,Dockerfile,.dockerignore} "$context"
if [ -n "${WHEELHOUSE:-}" ]; then
    mkdir "$context/wheelhouse"
    cp "$WHEELHOUSE"/*.whl "$context/wheelhouse"
fi

version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$root/exportlint/__init__.py")
arguments=(--tag "$tag" --build-arg "VERSION=$version" --build-arg "BASE=$base")
for name in TORCH_INDEX TORCH_SHA256; do
    [ -z "${!name:-}" ] || arguments+=(--build-arg "$name=${!name}")
done
if [ -n "$ca" ]; then
    arguments+=(--secret "id=pip_ca,src=$ca")
fi
DOCKER_BUILDKIT=1 "$docker" build --progress plain "${arguments[@]}" "$context"
"$docker" image inspect --format "$tag: {{.Size}} bytes" "$tag"
