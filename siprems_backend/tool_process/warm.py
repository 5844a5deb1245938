"""A guard that stays: it loads pandas and scikit-learn once, and forks each run of a pipeline from itself.

Loading them takes seconds of processor time, more than most runs. Nothing here starts a thread (Arrow does,
and makes its own anew after a fork), so that the fork of a run is sound; what a run has in memory goes with
it. Requests and answers are those of `__main__`, one after the other.
"""

from __future__ import annotations

import gc

from siprems_backend.services.pipelines import jobs
from siprems_backend.tool_process import inside, serving

# A shop that runs no pipelines needs no process that could.
IDLE_SECONDS = 600.0


def main() -> None:
    """Serve until standard input ends, a run is not wanted any more, or nothing was asked for a while."""
    answers = serving.open_answers()
    jobs.load_libraries()
    # What is loaded stays: runs need not copy the pages that hold it to look for garbage there.
    gc.collect()
    gc.freeze()
    while (line := serving.next_request(IDLE_SECONDS)) and serving.serve(line, answers, _run_job):
        pass


def _run_job(request: serving.Request, answers: int) -> int:
    return inside.run(request, answers, jobs.work)


if __name__ == "__main__":
    main()
