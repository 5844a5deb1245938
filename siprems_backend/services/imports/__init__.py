"""Imports: files of sales, catalogue and terms of ordering, checked by row and merged set-wise."""

from siprems_backend.services.imports.columns import FileRefused
from siprems_backend.services.imports.kinds import ImportKind, files_of_folder, kind_of_name
from siprems_backend.services.imports.local import import_columns, import_path
from siprems_backend.services.imports.records import get, listing, rejected_rows_file
from siprems_backend.services.imports.uploads import (
    SubmittedImport,
    accept_upload,
    forget_old_files,
    run_import,
    submit,
)

__all__ = [
    "FileRefused",
    "ImportKind",
    "SubmittedImport",
    "accept_upload",
    "files_of_folder",
    "forget_old_files",
    "get",
    "import_columns",
    "import_path",
    "kind_of_name",
    "listing",
    "rejected_rows_file",
    "run_import",
    "submit",
]
