"""How the pages are built: `sphinx-build -W --keep-going docs docs/_build/html`. Needs no network.

Docstrings here are plain text with equations, so they are shown as they stand in the code: a module's docstring as one
literal block, everybody else's with indented lines literal and names in backticks as code.
"""

import dataclasses
import pathlib
import re
import sys
from importlib.metadata import version as installed

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import generate  # noqa: E402

project = "unwound"
author = "The unwound developers"
project_copyright = author
release = version = installed("unwound")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "generated/parts"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
highlight_language = "text"
pygments_style = "friendly"
pygments_dark_style = "monokai"

autodoc_member_order = "bysource"
autodoc_default_options = {"exclude-members": "model_config"}
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
toc_object_entries = False
add_module_names = False
suppress_warnings = ["ref.python"]  # a type hint "Row" does not say which of three

html_theme = "furo"
html_title = f"unwound {version}"
html_static_path = ["_static"]
html_css_files = ["house.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "footer_icons": [],
    "announcement": "Simulation for research and education, not for clinical use.",
}


def setup(app):
    app.connect("builder-inited", lambda app: generate.write_all(HERE / "generated"))
    app.connect("autodoc-process-docstring", show_as_it_stands)
    app.connect("autodoc-process-signature", hide_fields)
    return {"parallel_read_safe": True}


def show_as_it_stands(app, what, name, obj, options, lines):
    """Docstrings as the code has them, whatever reStructuredText would make of their symbols."""
    if what == "module":
        text = generate.as_text("\n".join(lines)).splitlines()
        lines[:] = ["::", "", *(f"    {line}" for line in text), ""]
        return
    lines[:] = list(_literal_where_indented(lines))
    if what == "class" and (fields := list(generate.fields_of(obj))):
        lines += ["", ".. list-table::", "   :class: fields", "", "   * - field", "     - unit or type"]
        for field, kind in fields:
            lines += [f"   * - ``{field}``", f"     - {_escaped(kind)}"]
        lines.append("")


def hide_fields(app, what, name, obj, options, signature, returns):
    """A record is shown by its table of fields; its signature would say the same in one long line."""
    if what == "class" and (dataclasses.is_dataclass(obj) or hasattr(obj, "model_fields")):
        return "", None
    return None


def _literal_where_indented(lines):
    paragraph: list[str] = []
    literal = False

    def flush():
        text = " ".join(paragraph)
        paragraph.clear()
        return [_escaped(text.removesuffix(":") if text.endswith("::") else text), ""] if text else []

    for line in lines:
        if line.startswith(" "):
            if not literal:
                yield from flush()
                yield from ("::", "")
            literal = True
            yield f"    {line}"
        elif not line.strip():
            if literal:
                yield ""
            else:
                yield from flush()
        else:
            if literal:
                yield ""
            literal = False
            paragraph.append(line.strip())
    if literal:
        yield ""
    yield from flush()


def _escaped(text):
    """Plain text as reStructuredText: names in backticks become code, symbols lose their meaning."""
    parts = re.split(r"(``[^`]+``|`[^`]+`)", text)
    for place, part in enumerate(parts):
        if place % 2:
            parts[place] = f"``{part.strip('`').strip()}``"
            if place + 1 < len(parts) and parts[place + 1][:1].isalnum():
                parts[place + 1] = "\\" + parts[place + 1]
        else:
            parts[place] = re.sub(r"([\\*|_`])", r"\\\1", part)
    return "".join(parts)
