"""A promise in the docs that names its proof must not outlive it."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, name, tree

PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_file_and_test_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(
        r"`((?:tests|adapters|application|domain|entrypoints|features|docs)/[\w./-]*\.\w+)(?:::(\w+))?`",
        page.read_text(encoding="utf-8"),
    )
    for path, function in named:
        assert (ROOT / path).exists(), path
        if function:
            written = {
                node.name
                for node in ast.walk(tree(ROOT / path))
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            assert function in written, f"{path}::{function}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
