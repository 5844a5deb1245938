"""Datasets: tables of analysts, received as files, kept as Parquet, looked at and profiled."""

from siprems_backend.services.datasets.conversion import convert
from siprems_backend.services.datasets.profiles import profile_of, run_profile
from siprems_backend.services.datasets.records import get, listing, parquet_file, preview, remove
from siprems_backend.services.datasets.upkeep import clean_up
from siprems_backend.services.datasets.uploads import SubmittedDataset, Upload, add

__all__ = [
    "SubmittedDataset",
    "Upload",
    "add",
    "clean_up",
    "convert",
    "get",
    "listing",
    "parquet_file",
    "preview",
    "profile_of",
    "remove",
    "run_profile",
]
