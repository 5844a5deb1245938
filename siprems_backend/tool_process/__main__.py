"""The guard, which is the process that was started, and the tool, which it forks.

Standard input brings the request as one line of JSON and then stays open for as long as the run is wanted:
its end, which the death of the worker brings about as well, ends the run and removes its folder. Standard
output takes lines of JSON, see `services.tool_runner.messages`; standard error is the tool's to write what
it likes.
"""

from __future__ import annotations

from siprems_backend.tool_process import serving


def main() -> None:
    """Run what standard input asks for."""
    line = serving.next_request()
    if line:
        serving.serve(line, serving.open_answers(), _run_tool)


def _run_tool(request: serving.Request, answers: int) -> int:
    # Only in the tool's own process: the guard has to stay small, as every running tool has one.
    from siprems_backend.tool_process import inside

    return inside.run(request, answers, inside.tool)


if __name__ == "__main__":
    main()
