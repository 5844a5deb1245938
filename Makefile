# Thin names for what ./siprems and the tools do.
.PHONY: up test lint bench lock

up:
	./siprems up

test:
	./siprems test

lint:
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

bench:
	@for script in import_files dataset_upload serve_speed train_speed bulk_forecast nightly metrics_cost active_tasks live_streams; do .venv/bin/python -m benchmarks.$$script || exit 1; done

lock:
	scripts/lock
