# Images of one source. `docker compose build` makes them; by hand:
#   docker build --target web -t siprems-web .         the API, without the training libraries
#   docker build --target worker -t siprems-worker .   worker, Beat and Flower
#   docker build --target learner -t siprems-learner . a worker with PyTorch (--build-arg EXTRA=tensorflow for that)
ARG PYTHON=3.13-slim

FROM python:${PYTHON} AS base
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONFAULTHANDLER=1 \
    PATH=/opt/venv/bin:$PATH \
    VIRTUAL_ENV=/opt/venv
WORKDIR /app

# Packages in layers of their own, which change only with their lock. Nothing is compiled: every package
# comes as a wheel whose hash is in the lock, which is complete: pip has nothing to resolve.
FROM base AS web-packages
COPY requirements-web.txt .
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv "$VIRTUAL_ENV" \
    && pip install --disable-pip-version-check --only-binary=:all: --no-deps --require-hashes -r requirements-web.txt \
    && pip uninstall --yes pip

FROM base AS worker-packages
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv "$VIRTUAL_ENV" \
    && pip install --disable-pip-version-check --only-binary=:all: --no-deps --require-hashes -r requirements.txt \
    && pip uninstall --yes pip

# Without hashes: builds differ by platform, and where to take one without graphics cards from is pip's business.
FROM worker-packages AS learner-packages
ARG EXTRA=torch
COPY requirements-torch.txt requirements-tensorflow.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m ensurepip \
    && python -m pip install --disable-pip-version-check --only-binary=:all: --no-deps -r "requirements-$EXTRA.txt" \
    && python -m pip uninstall --yes pip

# What all images are, but for their packages.
FROM base AS siprems
# The volumes' folders belong to the user from the start: a new named volume takes that over.
RUN groupadd --system --gid 10001 siprems \
    && useradd --system --uid 10001 --gid siprems --no-create-home --home-dir /tmp --shell /usr/sbin/nologin siprems \
    && install --directory --owner=siprems --group=siprems --mode=0750 \
        /var/lib/siprems/models /var/lib/siprems/data
COPY alembic.ini ./
COPY migrations migrations
COPY siprems_engine siprems_engine
COPY siprems_backend siprems_backend
# The file system is read-only later, and every start would compile anew.
RUN python -m compileall -q siprems_engine siprems_backend migrations
ENV SIPREMS_ENV=production \
    FLASK_APP=siprems_backend.wsgi \
    MODELS_DIR=/var/lib/siprems/models \
    DATA_DIR=/var/lib/siprems/data \
    MPLCONFIGDIR=/tmp/matplotlib
USER siprems
STOPSIGNAL SIGTERM

FROM siprems AS worker
COPY --from=worker-packages /opt/venv /opt/venv
COPY start_worker.sh ./
# The solver's kernels, compiled once here; start_worker.sh gives each container a copy it can write to.
USER root
RUN NUMBA_CACHE_DIR=/opt/kernels python -m siprems_engine.forecasting.fast && chmod -R a+rX /opt/kernels
USER siprems
ENV KERNELS=/opt/kernels
# A question to this very worker; Beat and Flower have checks of their own in docker-compose.yml.
HEALTHCHECK --interval=60s --timeout=30s --start-period=60s --retries=3 \
    CMD ["sh", "-c", "exec celery -A siprems_backend.celery_app inspect ping -t 10 -d celery@$(hostname)"]
CMD ["./start_worker.sh", "worker"]

FROM worker AS learner
COPY --from=learner-packages /opt/venv /opt/venv

FROM siprems AS web
COPY --from=web-packages /opt/venv /opt/venv
ENV HOST=0.0.0.0 \
    PORT=8000
EXPOSE 8000
# http.client, because proxies named in the environment are for other machines.
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client as h, os; c = h.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=8); c.request('GET', '/health/live'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["gunicorn", "--config", "python:siprems_backend.gunicorn_conf", "siprems_backend.wsgi:app"]
