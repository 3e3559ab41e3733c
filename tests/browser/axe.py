"""axe-core, which looks for what makes a page hard to use for some."""

import gzip
from pathlib import Path

from playwright.sync_api import Page

# compressed, because nothing in the repository may be larger than .ci/check-files allows
AXE = gzip.decompress((Path(__file__).parent / "vendor" / "axe.min.js.gz").read_bytes()).decode()
RUN = """
async () => (await axe.run()).violations.flatMap(
  ({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target}`)
)
"""


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN)
    return found
