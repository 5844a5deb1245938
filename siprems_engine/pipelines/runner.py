"""Running a pipeline, node after node."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Protocol

from siprems_engine.pipelines.cache import Cache, NoCache
from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.graph import Plan, check
from siprems_engine.pipelines.keys import key_of_rows, key_of_work
from siprems_engine.pipelines.node import Context, Outcome, Sources
from siprems_engine.pipelines.reading import Placed
from siprems_engine.pipelines.results import Export, NodeResult, RunResult
from siprems_engine.pipelines.table import Table

# What data can bring about in pandas and scikit-learn; anything else is not the data's fault, or a cancel.
DATA_ERRORS = (ValueError, TypeError, LookupError, ArithmeticError)


class OnNode(Protocol):
    """Called before each node; may raise to end the run."""

    def __call__(self, current_node: int, total_nodes: int, node_type: str, message: str) -> None:
        """Node `current_node` of `total_nodes`, counted from 1, is about to work."""


def unreported(current_node: int, total_nodes: int, node_type: str, message: str) -> None:
    """Progress that nobody waits for."""


def run(
    body: Mapping[str, Any],
    sources: Sources,
    *,
    on_progress: OnNode = unreported,
    cache: Cache | None = None,
    seed: int = 0,
) -> RunResult:
    """Check a pipeline and run it; the same rows, body and seed give the same results.

    Raises `InvalidPipeline` before anything runs, and whatever `on_progress` raises. What goes wrong at a
    node is a result: that node `failed`, those before it keep theirs, those after it are `skipped`.
    """
    return _Run(check(body, sources), sources, cache or NoCache(), seed).run(on_progress)


class _Run:
    """One run: tables in memory while somebody still needs them, keys of all."""

    def __init__(self, plan: Plan, sources: Sources, cache: Cache, seed: int) -> None:
        self.plan, self.sources, self.cache, self.seed = plan, sources, cache, seed
        self.tables: dict[int, Table] = {}
        self.keys: dict[int, str] = {}
        self.results: dict[int, NodeResult] = {}
        self.models: dict[str, Any] = {}
        self.exports: dict[str, Export] = {}

    def run(self, on_progress: OnNode) -> RunResult:
        total = len(self.plan.nodes)
        for number, place in enumerate(self.plan.order, start=1):
            name = self.plan.nodes[place].node.node_type
            on_progress(number, total, name, f"Executing node: {name}")
            self.results[place] = self._result(place)
            if self.results[place].status == "failed":
                break
            self._release()
        results = [self.results.get(place) or self._skipped(place) for place in range(total)]
        return RunResult(self.plan.name, results, self.models, self.exports)

    def _result(self, place: int) -> NodeResult:
        """Let the node work, or find what it made before."""
        placed, started = self.plan.nodes[place], time.perf_counter()
        try:
            told = self._known(place) or self._made(place)
            self._keep(place, told["output"])
        except DATA_ERRORS as error:
            reason = {
                "index": place,
                "field": field_at_fault(placed, error),
                "parameters": placed.parameters,
                "message": str(error) or repr(error),
            }
            spent = time.perf_counter() - started
            return NodeResult(placed.id, placed.node.node_type, "failed", spent, error=reason)
        return NodeResult(placed.id, placed.node.node_type, "success", time.perf_counter() - started, **told)

    def _known(self, place: int) -> dict[str, Any] | None:
        """Return what the cache knows of the node; sources are asked anew, for rows may change."""
        if not self.plan.wires[place]:
            return None
        self.keys[place] = self._key(place)
        told = self.cache.result(self.keys[place])
        return None if told is None else {**told, "cached": True}

    def _made(self, place: int) -> dict[str, Any]:
        outcome = self._work(place)
        frame = outcome.table.frame
        told = {"rows": len(frame), "columns": list(map(str, frame.columns)), "output": outcome.output}
        if self.plan.wires[place]:
            self.cache.put(self.keys[place], outcome.table, told)
        else:
            self.keys[place] = key_of_rows(frame)
        return told

    def _work(self, place: int) -> Outcome:
        placed = self.plan.nodes[place]
        tables = [self._table(source) for source in self.plan.wires[place]]
        outcome = placed.node.run(tables, placed.parameters, self._context(place))
        self.tables[place] = outcome.table
        return outcome

    def _table(self, place: int) -> Table:
        """Return a node's table: from memory, from the cache, or made again if the cache has lost it."""
        if place not in self.tables:
            found = self.cache.table(self.keys[place])
            if found is None:
                return self._work(place).table
            self.tables[place] = found
        return self.tables[place]

    def _context(self, place: int) -> Context:
        return Context(
            sources=self.sources,
            seed=self.seed,
            target=self.plan.lineage.target_of(place),
            split=self.plan.split_of(place),
            key=self.keys.get(place, ""),
        )

    def _key(self, place: int) -> str:
        placed, upstream = self.plan.nodes[place], [self.keys[source] for source in self.plan.wires[place]]
        around = [self.plan.split_of(place), self.seed]
        return key_of_work(placed.node.node_type, placed.parameters, around, upstream)

    def _keep(self, place: int, output: Mapping[str, Any]) -> None:
        """Keep models and exports for whoever stores them."""
        placed = self.plan.nodes[place]
        if "model_id" in output:
            self.models[output["model_id"]] = self._table(place).fitted
        if placed.node.node_type == "export":
            self.exports[placed.id] = Export(output["name"], output["format"], self._table(place).frame)

    def _release(self) -> None:
        """Forget the tables that no node still to come takes."""
        for held in list(self.tables):
            if all(taker in self.results for taker in self.plan.takers(held)):
                del self.tables[held]

    def _skipped(self, place: int) -> NodeResult:
        placed = self.plan.nodes[place]
        return NodeResult(placed.id, placed.node.node_type, "skipped")


def field_at_fault(placed: Placed, error: Exception) -> str:
    """Return the key of the node that the error speaks of: the parameter with a column that it quotes."""
    if isinstance(error, NodeError) and error.field is not None:
        return f"input.{error.field}"
    said = str(error)
    for parameter, names in placed.node.reads(placed.parameters).items():
        if any(repr(name) in said for name in names):
            return f"input.{parameter}"
    return "input"
