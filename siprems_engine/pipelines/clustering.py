"""Groups of similar rows by k-means."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.supervised import require_complete
from siprems_engine.pipelines.table import Table, numeric_features

# The silhouette compares all pairs of rows; more than this many rows are sampled.
SILHOUETTE_ROWS = 2000


def cluster(table: Table, groups: int, seed: int) -> tuple[Table, dict[str, Any]]:
    """Fit `groups` centres on the training rows and add the column `cluster` to all rows."""
    features = numeric_features(table)
    require_complete(table, features)
    train = table.train[features]
    if len(train.drop_duplicates()) < groups:
        raise NodeError(
            f"Fewer than {groups} different rows cannot form {groups} groups: lower `n_clusters`."
        )
    model = KMeans(n_clusters=groups, n_init=10, random_state=seed).fit(train)
    labels = model.predict(table.frame[features])
    made = table.with_frame(
        table.frame.assign(cluster=labels),
        model=model,
        features=features,
        task="clustering",
        target_transformers=[],
    )
    metrics = {"inertia": float(model.inertia_), "silhouette": _silhouette(train, model.labels_, seed)}
    sizes = np.bincount(labels, minlength=groups).tolist()
    return made, {"task": "clustering", "metrics": metrics, "features": features, "cluster_sizes": sizes}


def _silhouette(rows: Any, labels: Any, seed: int) -> float | None:
    if not 2 <= len(np.unique(labels)) < len(rows):
        return None
    size = min(len(rows), SILHOUETTE_ROWS)
    try:
        return float(silhouette_score(rows, labels, sample_size=size, random_state=seed))
    except ValueError:
        # The sample has only one group.
        return None
