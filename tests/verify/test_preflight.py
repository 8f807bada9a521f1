"""What is known of a model before any export."""

from __future__ import annotations

import pytest

from tests.verify.conftest import Verify

pytestmark = pytest.mark.torch
ROW = {"x": "float32[2, 4]"}
HEAD = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)
"""
FORWARD = """
    def forward(self, x):
        return self.layer(x)
"""


def test_a_plain_model_has_nothing_to_tell(verify: Verify) -> None:
    checks = verify(HEAD + FORWARD, "trace", inputs=ROW).checks
    assert {checks[name] for name in ("eval mode", "deterministic", "state dict", "members")} == {"ok"}


@pytest.mark.parametrize(
    ("more", "name", "said"),
    [
        ("        self.act = lambda x: x\n" + FORWARD, "members", "act is a lambda"),
        ("        self.rows = (n for n in range(3))\n" + FORWARD, "members", "rows is generator"),
        (FORWARD + "    def train(self, mode=True): return self\n", "eval mode", "the model stays in training mode"),
        (
            "        self.register_buffer('seen', torch.zeros(()))\n"
            "    def forward(self, x):\n        self.seen += 1\n        return self.layer(x)\n",
            "eval mode",
            "forward changes seen",
        ),
        (
            "    def forward(self, x):\n        return F.dropout(self.layer(x))\n",
            "deterministic",
            "two runs differ",
        ),
        (
            FORWARD + "    def state_dict(self, *a, **k):\n        return {'only': torch.ones(1)}\n",
            "state dict",
            "Missing key(s)",
        ),
    ],
)
def test_what_is_wrong_is_told_before_the_export(verify: Verify, more: str, name: str, said: str) -> None:
    checks = verify(HEAD + more, "trace", inputs=ROW).checks
    assert checks[name].startswith("failed: ")
    assert said in checks[name]


def test_it_is_told_when_the_export_fails_too(verify: Verify) -> None:
    source = f"{HEAD}        self.act = lambda x: x\n    def forward(self, x):\n        return x.nonsense()\n"
    broken = verify(source.replace("x.nonsense()", "self.layer(x) if x.sum() > 0 else x"), "export", inputs=ROW)
    assert (broken.status, broken.checks["members"]) == ("export-failed", "failed: act is a lambda")
