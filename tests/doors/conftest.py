"""What the doors share: the command, run in this process."""

import sys

import pytest

from unwound.interfaces import cli


@pytest.fixture
def unwound(capsys, monkeypatch):
    """Runs the command in this process; gives (exit code, stdout, stderr)."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["unwound", *map(str, arguments)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return run
