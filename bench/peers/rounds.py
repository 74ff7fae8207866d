"""
One engine doing one work, in a process of its own; run.mjs starts it. The request comes as JSON on the command line; answers go
out as JSON lines: `ready` (or `cannot`, with the reason), then for each line {"seconds": s} on stdin what was measured.
"""
import json
import os
import resource
import sys
import time


class Cannot(Exception):
    """The engine does not do this work."""


def request():
    return json.loads(sys.argv[1])


def peak_memory():
    """Most memory that this process has held, in bytes."""
    try:
        # ru_maxrss may count the parent's memory from before exec; VmHWM is this program's own.
        with open("/proc/self/status") as status:
            return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def serve(engine, prepare):
    """prepare() -> (number of images, step); step() does the work once."""
    answers = os.fdopen(os.dup(1), "w")
    # Whatever libraries print goes to stderr: stdout carries answers only.
    os.dup2(2, 1)

    def answer(value):
        print(json.dumps(value), file=answers, flush=True)

    try:
        images, step = prepare()
    except Cannot as reason:
        answer({"cannot": str(reason)})
        return
    answer({"ready": True, "engine": engine})
    for line in sys.stdin:
        seconds = json.loads(line)["seconds"]
        begin, cpu = time.perf_counter(), time.process_time()
        done, elapsed = 0, 0.0
        while elapsed < seconds:
            step()
            done += images
            elapsed = time.perf_counter() - begin
        answer({"imagesPerSecond": done / elapsed, "peakMemoryBytes": peak_memory(), "cpuSeconds": time.process_time() - cpu})
