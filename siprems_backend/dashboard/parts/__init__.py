"""Parts of pages: what looks the same everywhere is made here."""
