"""What a process and its children have used of processor and memory, and how a figure is printed."""

from __future__ import annotations

import json
import os
import re
import resource
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def emit(**fields: Any) -> None:
    """Print one JSON line; floats are rounded so that people can read it."""
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in fields.items()}), flush=True)


def process_tree(root: int) -> list[int]:
    """The process and its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def tree_cpu_seconds(root: int) -> float:
    """User + system seconds of a process tree, with those of its children that have ended."""
    ticks = 0
    for pid in process_tree(root):
        try:
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
        except OSError:
            continue
    return ticks / TICKS_PER_SECOND


def forest_cpu_seconds(roots: Iterable[int]) -> float:
    """The same for several process trees, such as a web server and its worker."""
    return sum(map(tree_cpu_seconds, roots))


def tree_memory_mb(root: int, field_name: str = "VmHWM") -> float:
    """Sum over a process tree: VmHWM is the peak, VmRSS the present (pages shared by workers count twice)."""
    total = 0
    for pid in process_tree(root):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        if match := re.search(rf"^{field_name}:\s+(\d+) kB", status, re.M):
            total += int(match[1])
    return total / 1024


def own_usage() -> tuple[float, float]:
    """CPU seconds and peak RSS in MB of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def percentiles(values: Iterable[float], scale: float = 1000.0) -> dict[str, float]:
    """p50, p95 and p99; seconds in, milliseconds out."""
    ordered = sorted(values)
    if not ordered:
        return {}
    last = len(ordered) - 1
    return {f"p{p}_ms": round(ordered[min(last, last * p // 100)] * scale, 3) for p in (50, 95, 99)}
