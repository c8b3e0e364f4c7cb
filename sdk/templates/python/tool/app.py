"""The plugin as Lucid sees it: which tools there are, and what a call answers.

What a tool does is in outline.py: that is the place for your own code.
"""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import tools
from wit_world.imports import log

import outline

TOOLS = [
    tools.Tool(
        name="outline",
        title="Outline",
        description="Lists the headings of a Markdown file with their lines.",
        input_schema=json.dumps(outline.INPUT_SCHEMA),
        output_schema=None,
        annotations=tools.Annotations.READ_ONLY | tools.Annotations.IDEMPOTENT,
    )
]


class Tools(exports.Tools):
    def list_tools(self) -> list[tools.Tool]:
        return TOOLS

    def call_tool(self, name: str, input_json: str) -> list[tools.Content]:
        if name == "outline":
            return [tools.Content_Json(call_outline(input_json))]
        raise Err(tools.ToolError_UnknownTool(name))


def call_outline(input_json: str) -> str:
    # An `Err` is an answer that the model reads. Any other exception ends the plugin.
    try:
        path = outline.read_input(input_json)
    except ValueError as error:
        raise Err(tools.ToolError_InvalidInput(str(error)))
    try:
        headings = outline.read_headings(path)
    except UnicodeDecodeError:
        raise Err(tools.ToolError_Failed(f"{path} is not UTF-8 text"))
    except (OSError, ValueError):
        # `!r` because a path that does not exist may hold anything.
        raise Err(tools.ToolError_NotFound(f"there is no file {path!r}"))
    log.write(log.Level.DEBUG, f"{len(headings)} headings in {path}")
    return outline.to_json(path, headings)
