"""Reads results of Mycel, such as those in `results/quickstart`. Needs polars."""

from pathlib import Path

import polars as pl


def runs(folder):
    """One row for each run: variant, what differs, seed, totals, final metrics, fingerprints."""
    return pl.read_parquet(Path(folder) / "runs.parquet")


def metrics(folder):
    """One row for each number: variant, seed, time_ns, round, node (null: of the whole run), metric, value."""
    return pl.read_parquet(Path(folder) / "metrics.parquet")


def wide(folder):
    """Figures of whole runs, one row for each measurement, with a column for each metric."""
    whole = metrics(folder).filter(pl.col("node").is_null())
    return whole.pivot(on="metric", index=["variant", "seed", "round", "time_ns"], values="value")


def curve(folder, metric="accuracy-mean", x="time_ns"):
    """A metric of whole runs by round: its mean, least and greatest over the seeds, and the mean of `x`."""
    value = pl.col(metric)
    return (
        wide(folder)
        .group_by("variant", "round")
        .agg(pl.col(x).mean(), value.mean(), value.min().alias("least"), value.max().alias("greatest"))
        .sort("variant", "round")
    )
