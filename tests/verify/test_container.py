"""The words that create a container. What they keep a model from is measured by tests/attacks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from exportlint.verify.isolation import seccomp
from exportlint.verify.isolation.container import Box
from exportlint.verify.isolation.sandbox import Sandbox

BOX = Box("docker", "image:tag", Path("/copy"), Path("/seccomp.json"), threads=2, memory=2**30)


def words(box: Box) -> str:
    return " ".join(box.command("exportlint-1", {"A": "b"}))


def test_everything_is_shut() -> None:
    for said in (
        "--network none",
        "--read-only",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--security-opt seccomp=/seccomp.json",
        "--user 10001:10001",
        "--pids-limit 512",
        "--cpus 2",
        "--memory 1073741824 --memory-swap 1073741824",
        "--ipc private",
        "--log-driver none",
        "--pull never",
        "--name exportlint-1",
        "--mount type=bind,source=/copy,target=/src,readonly",
        "--env A=b",
        "--env HTTPS_PROXY= ",
    ):
        assert said in words(BOX), said
    assert words(BOX).endswith("--entrypoint python image:tag")
    assert "volume" not in words(BOX)


def test_packages_are_mounted_read_only_and_importable() -> None:
    said = words(replace(BOX, packages="exportlint-packages-1"))
    assert "--mount type=volume,source=exportlint-packages-1,target=/packages,readonly" in said
    assert "--env PYTHONPATH=/packages" in said


def test_podman_differs_in_what_it_opens_by_itself() -> None:
    docker = words(BOX).replace(",nr_inodes=100k", "").split()
    podman = words(replace(BOX, engine="podman")).split()
    assert set(podman) - set(docker) == {"podman", "--http-proxy=false", "--read-only-tmpfs=false", "nproc=4096"}
    assert set(docker) - set(podman) == {"docker"}


def test_the_profile_allows_local_sockets_and_no_new_namespaces() -> None:
    profile = json.loads(seccomp.profile())
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    allowed = {}
    for rule in profile["syscalls"]:
        for name in rule["names"]:
            allowed.setdefault(name, []).append(rule)
    sockets = [rule["args"][0] for rule in allowed["socket"]]
    assert {(argument["op"], argument["value"]) for argument in sockets} == {("SCMP_CMP_EQ", n) for n in (1, 2, 10)}
    protocols = {rule["args"][1]["value"] for rule in allowed["socket"] if rule["args"][0]["value"] != 1}
    assert protocols == {0, 6, 17}
    assert allowed["clone"][0]["args"][0]["op"] == "SCMP_CMP_MASKED_EQ"
    assert allowed["clone3"][0]["action"] == "SCMP_ACT_ERRNO"
    for name in (
        "ptrace",
        "mount",
        "unshare",
        "setns",
        "bpf",
        "io_uring_setup",
        "keyctl",
        "process_vm_readv",
        "socketcall",
    ):
        assert name not in allowed
    assert all(not entry["subArchitectures"] for entry in profile["archMap"])


def test_a_container_is_never_replaced_by_a_process(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="prepared"):
        Sandbox("docker").launch(tmp_path)
