"""A hook of mkdocs.yml: pages at the root of the source, and links that leave docs/."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
AT_THE_ROOT = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
"""They stand where people look for them in a source tree, and are pages of the site like others."""
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for name in AT_THE_ROOT:
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links as the files lie in the source, as they lie on the site; of what is in the source alone its name stays."""
    source = ROOT if page.file.src_uri in AT_THE_ROOT else ROOT / "docs"
    folder = source.joinpath(page.file.src_uri).parent

    def moved(match: re.Match[str]) -> str:
        mark, text, target, anchor = match[1], match[2], match[3], match[4] or ""
        path = folder.joinpath(target).resolve()
        if not path.is_relative_to(ROOT):
            return match[0]
        name = str(path.relative_to(ROOT)).removeprefix("docs/")
        if files.get_file_from_path(name) is None:
            return text if mark == "" else ""
        up = "../" * page.file.src_uri.count("/")
        return f"{mark}[{text}]({up}{name}{anchor})"

    return LINK.sub(moved, markdown)
