"""``python -m siprems_local``."""

import sys

from siprems_local.cli import main

sys.exit(main())
