"""Jobs in equal parts, for machines that work at the same time. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exportlint.finding import TARGETS
from exportlint.mistake import UserMistake
from exportlint.verify.contract import Job


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`, both from 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def of(self, jobs: Sequence[Job]) -> list[Job]:
        """Its jobs. Targets take very different times, so each shard gets as many of each, give or take one."""
        ordered = sorted(jobs, key=lambda job: (TARGETS.index(job.target), job.entry))
        return ordered[self.number - 1 :: self.count]


def parse(text: str, what: str) -> Shard:
    """A shard from "K/N". Raises UserMistake that begins with `what`."""
    found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
    shard = Shard(int(found[1]), int(found[2])) if found else None
    if shard is None or not 1 <= shard.number <= shard.count:
        raise UserMistake(f'{what} "{text}": write it as K/N, such as 2/3 for the second of three')
    return shard


def most(jobs: Sequence[Job], count: int) -> list[Shard]:
    """At most `count` shards, none of them empty."""
    real = min(count, len(jobs))
    return [Shard(number, real) for number in range(1, real + 1)]


def missing(shards: Iterable[Shard]) -> list[Shard]:
    """What is needed beside these to have all parts. Raises UserMistake for parts of different wholes."""
    there = set(shards)
    counts = sorted({shard.count for shard in there})
    if len(counts) > 1:
        raise UserMistake(f"shards of different runs: some are of {counts[0]}, some of {counts[1]}")
    wanted = (Shard(number, count) for count in counts for number in range(1, count + 1))
    return [shard for shard in wanted if shard not in there]
