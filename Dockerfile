# exportlint verify in a box: CPU torch, no compiler, no git, not root. Build it with `make image`.
# No `# syntax=` line: it would fetch a frontend image, and the engine's own BuildKit does all of this.

ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
# Where torch comes from, unless wheelhouse/ in the build context has it. A CUDA build would not run: it lacks CUDA.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
# The SHA-256 that torch's wheel must have; without it the index is believed. All else is held to its hash in any case.
ARG TORCH_SHA256=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1 PIP_FIND_LINKS=/wheels PIP_NO_COMPILE=1
COPY constraints.txt wheelhouse* /wheels/
# Where a proxy opens TLS, pip needs the machine's certificates: --secret id=pip_ca,src=/etc/ssl/certs/ca-certificates.crt
RUN --mount=type=secret,id=pip_ca set -eu; \
    if [ -e /run/secrets/pip_ca ]; then export PIP_CERT=/run/secrets/pip_ca; fi; \
    python3 -m venv /opt/exportlint; \
    sed -n "/^torch==/s/\$/${TORCH_SHA256:+ --hash=sha256:$TORCH_SHA256}/p" /wheels/constraints.txt >/wheels/torch.txt; \
    from="--index-url=$TORCH_INDEX"; \
    if [ -n "$(find /wheels -name 'torch-*.whl')" ]; then from=--no-index; fi; \
    /opt/exportlint/bin/pip install --only-binary :all: --no-deps "$from" --requirement /wheels/torch.txt
# The dependencies, in a layer that a change of exportlint's own sources leaves as it is.
# Out goes what an export never opens: headers, static libraries, programs, the dependencies' own tests. What stays is
# compiled, because a read-only root can never cache its bytecode (-x: torch carries one file of Python 3.12 syntax).
COPY requirements-container.txt /wheels/
RUN --mount=type=secret,id=pip_ca set -eu; \
    if [ -e /run/secrets/pip_ca ]; then export PIP_CERT=/run/secrets/pip_ca; fi; \
    /opt/exportlint/bin/pip install --only-binary :all: --no-deps --require-hashes --requirement /wheels/requirements-container.txt; \
    site=$(echo /opt/exportlint/lib/python3*/site-packages); \
    rm -rf "$site/torch/include" "$site/torch/share" "$site/torch/test"; \
    find "$site/torch/bin" -type f ! -name torch_shm_manager -delete; \
    find "$site" -name '*.a' -delete; \
    find "$site/numpy" "$site/sympy" "$site/networkx" "$site/mpmath" -depth -type d -name tests -exec rm -rf {} +; \
    find "$site" -depth -type d -name __pycache__ -exec rm -rf {} +; \
    python3 -m compileall -q -j 0 -x py312_intrinsics "$site"
# exportlint itself needs no index: hatchling, which builds it, is among the locked, and goes again.
COPY pyproject.toml README.md LICENSE /source/
COPY exportlint /source/exportlint
RUN /opt/exportlint/bin/pip install --no-index --no-deps --no-build-isolation --compile /source && \
    /opt/exportlint/bin/pip uninstall --yes hatchling pluggy trove-classifiers setuptools && \
    /opt/exportlint/bin/python -c "import torch.onnx, onnxscript, onnxruntime, exportlint.finding"

FROM ${BASE}
# torch asks getpass.getuser(), which wants a name for the uid.
RUN useradd --uid 10001 --user-group --home-dir /tmp --no-create-home --shell /usr/sbin/nologin exportlint
COPY --from=build /opt/exportlint /opt/exportlint
ENV PATH=/opt/exportlint/bin:$PATH HOME=/tmp USER=exportlint LOGNAME=exportlint \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1
# What must be equal on both sides of the wall: exportlint compares it with its own version.
ARG VERSION=""
LABEL org.opencontainers.image.version=${VERSION}
USER 10001:10001
WORKDIR /src
ENTRYPOINT ["exportlint", "verify"]
