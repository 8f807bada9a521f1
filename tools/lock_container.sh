#!/usr/bin/env bash
# Writes requirements-container.txt: what the Dockerfile installs beside torch, with the hashes of its wheels.
# Run it when constraints.txt or the dependencies in pyproject.toml change. Needs uv; TORCH_INDEX as in build_image.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

torch=(--find-links "${WHEELHOUSE:-/nonexistent}")
[ -z "${TORCH_INDEX:-}" ] || torch=(--index "$TORCH_INDEX" --index-strategy unsafe-best-match)

{
    echo "# Written by tools/lock_container.sh. torch is not in it: which build, and from where, each image says."
    # hatchling builds exportlint; setuptools and torch's CUDA are what its CPU build runs without
    echo hatchling | uv pip compile --quiet --generate-hashes --no-header --no-annotate --only-binary :all: \
        --python-version 3.11 --python-platform linux --extra verify --constraint constraints.txt "${torch[@]}" \
        --no-emit-package torch --no-emit-package setuptools pyproject.toml -
} >requirements-container.txt
