"""The plugin as Lucid sees it: reads the conversation, and gives the next answer.

What it says is decided in steps.py: that is the place for your own code.
"""

from wit_world import exports
from wit_world.imports import model_types
from wit_world.imports.model_types import (
    Block,
    Block_Text,
    Block_ToolResult,
    Block_ToolUse,
    Completion,
    Request,
    Role,
    StopReason,
)

import steps


class Model(exports.Model):
    def complete(self, request: Request) -> Completion:
        said = [message for message in request.messages if message.role == Role.USER]
        blocks = [block for message in said for block in message.content]
        results = [
            steps.Result(block.value.text, block.value.is_error)
            for block in blocks
            if isinstance(block, Block_ToolResult)
        ]
        offered = [tool.name for tool in request.tools]
        step = steps.next_turn(first_text(said), results, offered)
        if isinstance(step, steps.Step):
            call_id = f"call_{len(results) + 1}"
            call = model_types.ToolUse(call_id, step.tool, step.input_json)
            return completion(request, Block_ToolUse(call), StopReason.TOOL_USE)
        return completion(request, Block_Text(step), StopReason.END_TURN)


def first_text(messages: list[model_types.Message]) -> str:
    """The text of the first message."""
    blocks = messages[0].content if messages else []
    return "\n".join(block.value for block in blocks if isinstance(block, Block_Text))


def completion(request: Request, block: Block, stop_reason: StopReason) -> Completion:
    blocks = [block for message in request.messages for block in message.content]
    read = [request.system, *map(text_of, blocks)]
    usage = model_types.Usage(steps.tokens(read), steps.tokens([text_of(block)]))
    return Completion([block], stop_reason, usage)


def text_of(block: Block) -> str:
    match block:
        case Block_ToolUse(call):
            return call.name + call.input_json
        case Block_ToolResult(result):
            return result.text
        case model_types.Block_Image():
            return ""
        case _:
            return block.value
