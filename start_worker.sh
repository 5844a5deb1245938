#!/usr/bin/env bash
# Starts one of Celery's processes and becomes it, so that signals reach it directly.
#
#   ./start_worker.sh worker    runs tasks; start as many as you like, on as many machines as you like
#   ./start_worker.sh beat      starts regular tasks; start one (more do no harm)
#   ./start_worker.sh both      a worker with Beat inside, for a single machine
#   ./start_worker.sh flower    Celery's monitoring page; asks for FLOWER_BASIC_AUTH
#
# From the environment, beside the settings of the backend (see .env.example):
#   WORKER_NAME            name of this worker, for telling several on one machine apart (default celery)
#   CONCURRENCY            tasks at the same time (default: the processor cores this process may use)
#   QUEUES                 queues to serve, the most urgent first (default: all, but for `pytorch` and `tensorflow`
#                          where these are not installed)
#   MAX_TASKS_PER_CHILD    tasks after which a pool process is replaced (default 200)
#   TIME_LIMIT             seconds after which a task is killed (default: CELERY_TASK_TIME_LIMIT)
#   SOFT_TIME_LIMIT        seconds after which it is asked to end (default: CELERY_TASK_SOFT_TIME_LIMIT)
#   LOG_LEVEL              DEBUG, INFO, WARNING or ERROR (default INFO)
#   KERNELS                folder with the solver's compiled kernels, copied where they can be written (images)
#   FLOWER_BASIC_AUTH      user:password, several separated by commas
#   FLOWER_ADDRESS, FLOWER_PORT    where Flower listens (default 127.0.0.1:5555)
set -euo pipefail

ALL_QUEUES=predictions,notifications,training,pipelines,tools,maintenance,default

fail() {
    printf 'start_worker.sh: %s\n' "$*" >&2
    exit 2
}

[[ $# -eq 1 ]] || fail "say what to start: worker, beat, both or flower"
role=$1

# The settings' `.env` and relative folders are those of the project, wherever this was called from.
cd "$(dirname "${BASH_SOURCE[0]}")"
if [[ -z ${VIRTUAL_ENV:-} && -x .venv/bin/celery ]]; then
    PATH=$PWD/.venv/bin:$PATH
fi
command -v celery >/dev/null || fail "celery is not installed: run ./siprems up once, or pip install -r requirements.txt"

# One thread a process: the worker scales by processes, and numerical libraries would start a thread a core.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1
export LOG_LEVEL=${LOG_LEVEL:-INFO}
# An image brings compiled kernels on a read-only file system; numba takes only a cache it can write to.
if [[ -n ${KERNELS:-} && -z ${NUMBA_CACHE_DIR:-} ]]; then
    export NUMBA_CACHE_DIR=${TMPDIR:-/tmp}/kernels
    mkdir -p "$NUMBA_CACHE_DIR"
    cp -R "$KERNELS/." "$NUMBA_CACHE_DIR"
fi
# Through the settings, because the broker's visibility timeout follows from the limit.
[[ -z ${TIME_LIMIT:-} ]] || export CELERY_TASK_TIME_LIMIT=$TIME_LIMIT
[[ -z ${SOFT_TIME_LIMIT:-} ]] || export CELERY_TASK_SOFT_TIME_LIMIT=$SOFT_TIME_LIMIT

# `nproc` would take the thread limit above for the number of cores.
concurrency=${CONCURRENCY:-$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)}

# Queues of what is installed only where somebody wants it come last.
queues=${QUEUES:-}
if [[ -z $queues ]]; then
    python=$(dirname "$(command -v celery)")/python
    queues=$ALL_QUEUES$("$python" -c "
from importlib.util import find_spec
for queue, package in (('pytorch', 'torch'), ('tensorflow', 'tensorflow')):
    print(end=',' + queue if find_spec(package) else '')
" 2>/dev/null || true)
fi

celery=(celery -A siprems_backend.celery_app)
worker=(
    "${celery[@]}" worker
    --hostname "${WORKER_NAME:-celery}@%h"
    --concurrency "$concurrency"
    --queues "$queues"
    --max-tasks-per-child "${MAX_TASKS_PER_CHILD:-200}"
    --loglevel "$LOG_LEVEL"
    --without-mingle --without-gossip
    -O fair
)

case $role in
worker)
    exec "${worker[@]}"
    ;;
beat)
    exec "${celery[@]}" beat --loglevel "$LOG_LEVEL" --pidfile=
    ;;
both)
    exec "${worker[@]}" --beat
    ;;
flower)
    # Flower can cancel tasks and shows their arguments: it never runs open. It reads the variable itself,
    # so that the password stands in no process list.
    [[ ${FLOWER_BASIC_AUTH:-} == ?*:?* ]] || fail "set FLOWER_BASIC_AUTH to user:password"
    exec "${celery[@]}" flower "--address=${FLOWER_ADDRESS:-127.0.0.1}" "--port=${FLOWER_PORT:-5555}"
    ;;
*)
    fail "'$role' is none of worker, beat, both, flower"
    ;;
esac
