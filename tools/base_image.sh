#!/usr/bin/env bash
# Makes a small Debian base image with Python, for machines that reach Debian's packages but no image registry.
#   tools/base_image.sh TAG [SUITE]     e.g. tools/base_image.sh python:3.11-slim-bookworm bookworm
# Needs root, debootstrap and a running Docker engine.
set -euo pipefail

tag=${1:?usage: tools/base_image.sh TAG [SUITE]}
suite=${2:-bookworm}

root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
chmod 0755 "$root" # mktemp's 0700 would become the mode of the image's /

debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates "$suite" "$root"

rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/* \
    "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/locale/*
tar --create --numeric-owner --directory "$root" . | docker import --change 'CMD ["python3"]' - "$tag"
