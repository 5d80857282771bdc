"""The pages of docs/ that come from code, a module for each sort of page."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOTICE = "<!-- Written by tools/docs.py from the code; edit that. -->\n\n"

# What the tests compute of other tools' figures is a page too.
sys.path.append(str(ROOT / "tests" / "support"))
