"""The plugin as Lucid sees it: which tools there are, and what a call answers.

What the tools do is in calls.py, series.py and formulas.py, which know nothing of Lucid.
"""

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import tools

import calls
import formulas
import series

ANNOTATIONS = tools.Annotations.READ_ONLY | tools.Annotations.IDEMPOTENT
TOOLS = [
    tools.Tool(name, None, description, schema, None, ANNOTATIONS)
    for name, description, schema, _ in calls.TOOLS
]


class Tools(exports.Tools):
    def list_tools(self) -> list[tools.Tool]:
        return TOOLS

    def call_tool(self, name: str, input_json: str) -> list[tools.Content]:
        # An `Err` is an answer that the model reads. Any other exception ends the plugin.
        try:
            return [tools.Content_Json(calls.call(name, input_json))]
        except calls.UnknownTool:
            raise Err(tools.ToolError_UnknownTool(name))
        except (ValueError, formulas.Unsuitable) as error:
            raise Err(tools.ToolError_InvalidInput(str(error)))
        except series.Missing as error:
            raise Err(tools.ToolError_NotFound(str(error)))
        except series.Unreadable as error:
            raise Err(tools.ToolError_Failed(str(error)))
        except MemoryError:
            raise Err(tools.ToolError_Failed("there is too much of it for the memory"))
