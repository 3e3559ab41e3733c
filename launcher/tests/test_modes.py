"""Nobody else on the machine reads what the programs write."""

import stat
from pathlib import Path

from launcher import secret_files
from launcher.processes import Child, Program
from launcher.waiting import Patience


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_a_program_writes_is_for_its_owner_alone(tmp_path: Path) -> None:
    script = f"echo said; mkdir {tmp_path}/folder; echo x > {tmp_path}/folder/file"
    program = Program(
        name="writer",
        argv=("/bin/sh", "-c", script),
        log=tmp_path / "log" / "writer.log",
        is_ready=Child.has_ended,
    )

    assert Patience().until(Child(program).is_ready, 10)

    assert program.log.read_text() == "said\n"
    assert mode(program.log) == mode(tmp_path / "folder" / "file") == 0o600
    assert mode(tmp_path / "folder") == 0o700


def test_a_folder_that_an_earlier_release_left_open_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)

    secret_files.close_folder(folder)
    secret_files.close_folder(tmp_path / "new")

    assert mode(folder) == mode(tmp_path / "new") == 0o700
