"""The receiver's journal: nothing that was promised is missing, whatever happens to the process."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.receiver import ROOT

from lineage.errors import JournalError
from lineage.serve import segments
from lineage.serve.frames import HEAD_BYTES, framed, frames_in
from lineage.serve.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BODIES = st.lists(st.binary(max_size=300), max_size=20)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    found = Journal(tmp_path / "journal")
    yield found
    found.close()


def drained(journal: Journal, events: int = 7, size: int = 1 << 20) -> list[bytes]:
    """All that waits, in batches."""
    found: list[bytes] = []
    while (batch := journal.read(events, size)) is not None:
        found += batch.bodies
        journal.done(batch.end)
    return found


def files(journal: Journal) -> list[Path]:
    return sorted(journal.folder.glob(f"*{segments.SUFFIX}"))


@given(BODIES)
def test_frames_are_what_was_framed(bodies: list[bytes]) -> None:
    data = framed(bodies)
    assert frames_in(data) == (bodies, len(data), 0, False)


@given(BODIES, st.data())
def test_a_cut_leaves_the_frames_before_it(bodies: list[bytes], data: st.DataObject) -> None:
    whole = framed(bodies)
    cut = data.draw(st.integers(0, len(whole)))
    found = frames_in(whole[:cut])
    assert found.bodies == bodies[: len(found.bodies)]
    assert len(framed(bodies[: len(found.bodies) + 1])) > cut or len(found.bodies) == len(bodies)
    assert not found.damaged


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=5), st.data())
def test_a_changed_bit_is_seen(bodies: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(framed(bodies))
    place = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[place // 8] ^= 1 << place % 8
    found = frames_in(bytes(whole))
    assert found.bodies == bodies[: len(found.bodies)]
    assert len(found.bodies) < len(bodies)


def test_zeros_are_no_frame() -> None:
    assert frames_in(bytes(64)).damaged


@settings(max_examples=30, deadline=None)
@given(
    groups=st.lists(
        st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=6), max_size=8
    ),
    segment=st.integers(50, 800),
    events=st.integers(1, 5),
    size=st.integers(1, 400),
)
def test_what_goes_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory,
    groups: list[list[bytes]],
    segment: int,
    events: int,
    size: int,
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    wanted = [body for group in groups for body in group]
    journal = Journal(folder, segment)
    for group in groups:
        journal.append(group)
    assert journal.backlog == len(framed(wanted))
    half = journal.read(events, size)
    if half is not None:
        journal.done(half.end)
        wanted = wanted[len(half.bodies) :]
    journal.close()
    again = Journal(folder, segment)
    assert drained(again, events, size) == wanted
    assert again.backlog == 0
    assert len(files(again)) == 1
    again.close()


def test_a_segment_that_ends_while_it_is_drained(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 10)
    for number in range(5):
        journal.append([b"%d" % number * 20])
        assert drained(journal) == [b"%d" % number * 20]
    assert journal.wait(0) is False
    journal.append([b"last"])
    assert journal.wait(0) is True
    assert drained(journal) == [b"last"]
    assert len(files(journal)) == 1
    journal.close()


@pytest.mark.parametrize("tail", [b"\x01", bytes(9), b"\xff" * 100, framed([b"whole"])[:-1]])
def test_a_torn_tail_is_cut_off_and_kept(tmp_path: Path, tail: bytes) -> None:
    journal = Journal(tmp_path)
    journal.append([b"a", b"b"])
    (file,) = files(journal)
    journal.close()
    with file.open("ab") as out:
        out.write(tail)
    again = Journal(tmp_path)
    again.append([b"c"])
    assert drained(again) == [b"a", b"b", b"c"]
    (torn,) = tmp_path.glob("*.torn")
    assert torn.read_bytes() == tail
    again.close()


def test_damage_within_is_kept_apart_and_the_rest_goes_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 40)
    for number in range(4):
        journal.append([b"%d" % number * 30])
    second = files(journal)[1]
    second.write_bytes(second.read_bytes()[:-1] + b"?")
    assert drained(journal) == [b"0" * 30, b"2" * 30, b"3" * 30]
    assert journal.damaged == 1
    (kept,) = tmp_path.glob("*.damaged")
    assert kept.read_bytes().endswith(b"?")
    journal.close()


def test_a_position_that_does_not_fit_means_from_the_start(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([b"a", b"b"])
    drained(journal)
    journal.close()
    for text in ("", "[]", '{"segment": 1, "offset": 4000}', '{"segment": "x", "offset": 1}',
                 '{"segment": 99, "offset": 0}', '{"segment": 1, "offset": -1}'):  # fmt: skip
        (tmp_path / "position.json").write_text(text)
        again = Journal(tmp_path)
        found = again.read(10, 1000)
        assert found is not None
        assert found.bodies == [b"a", b"b"]
        again.close()


def test_numbers_go_on_when_the_segments_are_gone(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([b"a", b"b"])
    drained(journal)
    (file,) = files(journal)
    journal.close()
    file.unlink()
    again = Journal(tmp_path)
    again.append([b"c"])
    assert drained(again) == [b"c"]
    again.close()


def test_one_process_at_a_time(journal: Journal) -> None:
    with pytest.raises(JournalError, match="another receiver") as told:
        Journal(journal.folder)
    assert "\n" not in str(told.value)


def test_only_its_owner_reads_it(journal: Journal) -> None:
    journal.append([b"secret"])
    assert journal.folder.stat().st_mode & 0o77 == 0
    assert all(file.stat().st_mode & 0o77 == 0 for file in files(journal))


@pytest.mark.parametrize("failing", ["write", "sync"])
def test_a_full_disk_keeps_nothing_and_mends(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    journal.append([b"before"])
    really = os.write

    def half(handle: int, data: bytes) -> int:
        if len(data) < HEAD_BYTES + 50:
            raise OSError(errno.ENOSPC, "No space left on device")
        return really(handle, bytes(data)[:70])

    def broken(handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "write", half) if failing == "write" else (segments, "sync", broken)))
        with pytest.raises(JournalError, match="nothing was kept"):
            journal.append([b"x" * 100])
    journal.append([b"after"])
    assert drained(journal) == [b"before", b"after"]
    folder = journal.folder
    journal.append([b"more"])
    journal.close()
    again = Journal(folder)
    assert drained(again) == [b"more"]
    again.close()


WRITER = """
import sys
from pathlib import Path
from lineage.serve.journal import Journal
journal = Journal(Path(sys.argv[1]), 20_000)
number = int(sys.argv[2])
while True:
    group = [b"%d %s" % (number + one, b"x" * (one * 37 % 400)) for one in range(1 + number % 7)]
    journal.append(group)
    number += len(group)
    print(number, flush=True)
"""


def test_killed_again_and_again_it_has_what_it_acknowledged(tmp_path: Path) -> None:
    path = os.pathsep.join(map(str, (ROOT, ROOT / "ingest")))
    generator = random.Random(11)
    promised = 0
    found: list[int] = []
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(promised)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": path},
        )
        assert process.stdout is not None
        promised = int(process.stdout.readline())
        time.sleep(generator.random() * 0.3)
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split(b"\n")[:-1]
        promised = int(rest[-1]) if rest else promised
        process.wait()
        process.stdout.close()
        journal = Journal(tmp_path, 20_000)
        found += [int(body.split()[0]) for body in drained(journal)]
        journal.close()
        assert found == list(range(len(found)))
        assert len(found) >= promised  # what came after the last promise may be there, too
        promised = len(found)
    assert promised > 50


def test_the_position_is_json(journal: Journal) -> None:
    journal.append([b"a"])
    drained(journal)
    known = json.loads((journal.folder / "position.json").read_text())
    assert known == {"segment": 1, "offset": HEAD_BYTES + 1}
