"""Suppressions, from the comment to the exit status."""

import json

NET = """\
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if x.sum() > 0:{comment}
            return x
        return -x
"""


def rules_found(exportlint, project, comment: str, *options: str) -> list[str]:
    (project / "net.py").write_text(NET.format(comment=comment))
    ended = exportlint("check", "net.py", "--no-cache", "--output-format", "json", *options)
    found = [finding["rule"] for finding in json.loads(ended.out)["findings"]]
    assert ended.status == (1 if found else 0)
    return found


def test_a_suppressed_finding_is_gone(exportlint, project):
    assert rules_found(exportlint, project, "") == ["EXL101"]
    assert rules_found(exportlint, project, "  # exportlint: ignore[EXL101] both arms agree") == []


def test_a_suppression_without_a_finding_is_one(exportlint, project):
    comment = "  # exportlint: ignore[EXL101, EXL102]"
    assert rules_found(exportlint, project, comment) == ["EXL001"]
    assert rules_found(exportlint, project, comment, "--ignore", "EXL001") == []
    assert rules_found(exportlint, project, comment, "--ignore", "EXL102") == []
    assert rules_found(exportlint, project, comment, "--select", "EXL1") == []


def test_a_suppression_for_other_targets_is_left_alone(exportlint, project):
    comment = "  # exportlint: ignore[EXL101, EXL401] EXL401 concerns scripting"
    assert rules_found(exportlint, project, comment, "--target", "onnx") == []
    assert rules_found(exportlint, project, comment, "--target", "onnx", "--target", "script") == ["EXL001"]
