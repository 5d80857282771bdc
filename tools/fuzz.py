"""Mutated specs through everything that is done to specs, for as long as there is time: `tests/test_fuzz.py` at length.

    python tools/fuzz.py --runs 300000 --out /tmp/fuzz
    python tools/fuzz.py --only 4711 --out /tmp/fuzz

A run is one mutated spec through all stages; its number is the seed of the random choices, so that it can be done
again. A stage may take two seconds of a processor and 300 MiB more than the modules do; what takes more, and what fails
without an ArchspecError, is written to the folder with a spec made as small as still fails likewise. The folder knows
which numbers are done: the same call goes on behind them.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.mutated import Text, mutated, seeds  # noqa: E402
from tests.support.stages import through  # noqa: E402

SECONDS = 2
MEBIBYTES = 300
STEP = 500  # runs between two notes of what is done
SMALLER = 20.0  # seconds to look for a smaller spec that fails likewise


class TooSlow(BaseException):
    """A stage takes more of the processor than it may; no code of archspec catches it."""


def main() -> int:
    """Do the runs that are not done yet; 1 where any has failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000, help="numbers of runs to have done, from 0")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="stop after so long")
    parser.add_argument("--out", type=Path, required=True, help="folder of what is done and what failed")
    parser.add_argument("--only", type=int, help="this run alone, with its traceback")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.only is not None:
        return alone(options.only)
    until = time.monotonic() + 60 * options.minutes if options.minutes else None
    context = get_context("spawn")
    jobs = [
        context.Process(target=work, args=(options.out, job, options.jobs, options.runs, until))
        for job in range(options.jobs)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    print(report(options.out))
    died = any(job.exitcode for job in jobs)
    return int(died or any(options.out.glob("failure-*")))


def work(out: Path, job: int, jobs: int, runs: int, until: float | None) -> None:
    """Every ``jobs``-th run from where the note of this job ends."""
    note = out / f"done-{job}-of-{jobs}.json"
    done: dict[str, Any] = {"next": job, "runs": 0, "seconds": 0.0, "slowest": 0.0, "stages": {}}
    if note.exists():
        done = json.loads(note.read_text())
    texts = seeds()
    limit()
    stages = Counter(done["stages"])
    known = {file.name.rpartition("-")[0] for file in out.glob("failure-*")}
    number, started = done["next"], time.process_time()
    while number < runs and (until is None or time.monotonic() < until):
        before, spec = mutated(Random(number), texts)
        begun = time.process_time()
        failure = failing(before, spec, stages)
        done["slowest"] = max(done["slowest"], time.process_time() - begun)
        done["runs"] += 1
        number += jobs
        if failure is not None:
            name = f"failure-{failure[0]}"
            if name not in known:
                known.add(name)
                keep(out / f"{name}-{number - jobs}", before, spec, failure)
        if done["runs"] % STEP == 0 or number >= runs:
            now = time.process_time()
            done.update(next=number, seconds=done["seconds"] + now - started, stages=dict(stages))
            started = now
            note.write_text(json.dumps(done))
            gc.collect()


def limit() -> None:
    """Bound the memory of this process to what it has now and so much more, and catch the alarm of its processor time."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    most = held + MEBIBYTES * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))

    def stop(*_: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGPROF, stop)


def failing(before: Text, spec: Text, stages: Counter[str] | None = None) -> tuple[str, str] | None:
    """How a run fails, as a word for what fails alike and a traceback; None where it is as it should be."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    stage = "read"
    try:
        for stage in through(before, spec):
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            if stages is not None:
                stages[stage] += 1
    except (Exception, TooSlow) as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "archspec/" in frame.filename]
        last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).stem}.{last.lineno}" if not isinstance(error, TooSlow) else f"after-{stage}"
        return f"{type(error).__name__}-{where}", traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def keep(folder: Path, before: Text, spec: Text, failure: tuple[str, str]) -> None:
    """Write down a failure: both specs, the traceback, and a smaller spec that fails likewise."""
    folder.mkdir(exist_ok=True)
    (folder / f"before-{before.name}").write_text(before.text, "utf-8", "backslashreplace", newline="")
    (folder / spec.name).write_text(spec.text, "utf-8", "backslashreplace", newline="")
    (folder / "traceback.txt").write_text(failure[1], "utf-8", "backslashreplace")

    def alike(text: str) -> bool:
        found = failing(before, spec._replace(text=text))
        return found is not None and found[0] == failure[0]

    text = smaller(spec.text, alike, time.monotonic() + SMALLER)
    (folder / f"small-{spec.name}").write_text(text, "utf-8", "backslashreplace", newline="")


def smaller(text: str, alike: Callable[[str], bool], until: float) -> str:
    """Take lines, then pieces, out of a text as long as it fails likewise."""
    size = len(text) // 2
    while size >= 1 and time.monotonic() < until:
        start = 0
        while start < len(text) and time.monotonic() < until:
            shorter = text[:start] + text[start + size :]
            if alike(shorter):
                text = shorter
            else:
                start += size
        size //= 2
    return text


def alone(number: int) -> int:
    """One run, shown."""
    before, spec = mutated(Random(number), seeds())
    print(spec.text)
    limit()
    failure = failing(before, spec)
    print(failure[1] if failure else "as it should be")
    return int(failure is not None)


def report(out: Path) -> str:
    """What is done in all, how fast, and what failed."""
    notes = [json.loads(file.read_text()) for file in sorted(out.glob("done-*"))]
    stages: Counter[str] = sum((Counter(note["stages"]) for note in notes), Counter())
    runs, seconds = sum(note["runs"] for note in notes), sum(note["seconds"] for note in notes)
    failures = sorted(folder.name for folder in out.glob("failure-*"))
    lines = [f"{runs:,} runs in {seconds:,.0f} s of processor, {runs / max(seconds, 1e-9):.0f} a second"]
    lines.append(", ".join(f"{stage} {count:,}" for stage, count in stages.items()))
    lines.append(f"slowest run: {max((note['slowest'] for note in notes), default=0):.2f} s")
    return "\n".join([*lines, f"{len(failures)} failures", *failures])


if __name__ == "__main__":
    sys.exit(main())
