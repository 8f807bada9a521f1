# exportlint verify in a box: CPU torch, no compiler, no git, not root. Build it with `make image`.
# No `# syntax=` line: it would fetch a frontend image, and the engine's own BuildKit does all of this.

ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
# PyTorch's CPU wheels: --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cpu
# Without it torch comes from wheelhouse/ in the build context, or else from the default index (with CUDA, several GB).
ARG TORCH_INDEX=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1 PIP_FIND_LINKS=/wheels
COPY constraints.txt wheelhouse* /wheels/
# Where a proxy opens TLS, pip needs the machine's certificates: --secret id=pip_ca,src=/etc/ssl/certs/ca-certificates.crt
RUN --mount=type=secret,id=pip_ca set -eu; \
    if [ -e /run/secrets/pip_ca ]; then export PIP_CERT=/run/secrets/pip_ca; fi; \
    python3 -m venv /opt/exportlint; \
    /opt/exportlint/bin/pip install --only-binary :all: --constraint /wheels/constraints.txt \
        ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch
# The dependencies, in a layer that a change of exportlint's own sources leaves as it is.
COPY pyproject.toml README.md LICENSE /source/
COPY exportlint/__init__.py /source/exportlint/
# Out goes what an export never opens: headers, static libraries, programs, the dependencies' own tests. What stays is
# compiled, because a read-only root can never cache its bytecode (-x: torch carries one file of Python 3.12 syntax).
RUN --mount=type=secret,id=pip_ca set -eu; \
    if [ -e /run/secrets/pip_ca ]; then export PIP_CERT=/run/secrets/pip_ca; fi; \
    /opt/exportlint/bin/pip install --no-compile --constraint /wheels/constraints.txt "/source[verify]"; \
    site=$(echo /opt/exportlint/lib/python3*/site-packages); \
    rm -rf "$site/torch/include" "$site/torch/share" "$site/torch/test"; \
    find "$site/torch/bin" -type f ! -name torch_shm_manager -delete; \
    find "$site" -name '*.a' -delete; \
    find "$site/numpy" "$site/sympy" "$site/networkx" "$site/mpmath" -depth -type d -name tests -exec rm -rf {} +; \
    find "$site" -depth -type d -name __pycache__ -exec rm -rf {} +; \
    python3 -m compileall -q -j 0 -x py312_intrinsics "$site"
COPY exportlint /source/exportlint
RUN --mount=type=secret,id=pip_ca set -eu; \
    if [ -e /run/secrets/pip_ca ]; then export PIP_CERT=/run/secrets/pip_ca; fi; \
    /opt/exportlint/bin/pip install --no-deps --force-reinstall /source; \
    /opt/exportlint/bin/pip uninstall --yes setuptools; \
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
