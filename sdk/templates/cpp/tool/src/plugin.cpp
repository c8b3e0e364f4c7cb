// The tool as the host sees it. `plugin.h` is made from `wit/` by `lucid plugin
// build`; it declares the two functions at the end of this file, and the host
// calls them. What the tool does is in outline.cpp.
//
// Who frees what:
// - Texts that come in are ours: we free them before we return.
// - Texts and lists that go out belong to the host from then on. It has them
//   freed when it has read them, by C code that is made with `plugin.h`. So
//   they come from malloc, not from new: text_for_host and list_for_host.
// - Texts that we pass to the host, as to the log, stay ours.

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "json.hpp"
#include "outline.hpp"
#include "plugin.h"
#include "utf8.hpp"

namespace {

using Tool = exports_lucid_plugin_tools_tool_t;
using Tools = exports_lucid_plugin_tools_list_tool_t;
using Content = exports_lucid_plugin_tools_content_t;
using Contents = exports_lucid_plugin_tools_list_content_t;
using ToolError = exports_lucid_plugin_tools_tool_error_t;

constexpr std::string_view name = "outline";
constexpr std::string_view description =
    "Lists the headings of a Markdown file, with their levels and lines.";
constexpr std::string_view input_schema =
    R"({"type":"object",)"
    R"("properties":{"path":{"type":"string","description":)"
    R"("Absolute path of a Markdown file, as the agent sees it."}},)"
    R"("required":["path"]})";

// Why a call gave no result: one of the kinds that `plugin.h` lists, and a
// message for the model.
struct Failure {
    std::uint8_t kind;
    std::string message;
};

Failure unknown_tool(std::string_view tool) {
    return {EXPORTS_LUCID_PLUGIN_TOOLS_TOOL_ERROR_UNKNOWN_TOOL,
            std::string(tool)};
}

Failure invalid_input(const char *message) {
    return {EXPORTS_LUCID_PLUGIN_TOOLS_TOOL_ERROR_INVALID_INPUT, message};
}

Failure not_found(const std::string &path) {
    return {EXPORTS_LUCID_PLUGIN_TOOLS_TOOL_ERROR_NOT_FOUND, path};
}

Failure failed(const char *message) {
    return {EXPORTS_LUCID_PLUGIN_TOOLS_TOOL_ERROR_FAILED, message};
}

Failure failure_of(json::Problem problem) {
    switch (problem) {
    case json::Problem::not_json:
        return invalid_input("the input is not JSON, or nested too deep");
    case json::Problem::not_an_object:
        return invalid_input("the input is not a JSON object");
    case json::Problem::missing:
        return invalid_input("`path` is missing");
    case json::Problem::not_a_string:
        return invalid_input("`path` is not a string");
    }
}

bool is_file(const std::string &path) {
    struct stat found;
    // With a NUL in the middle it would be another path for the C library.
    return path.find('\0') == path.npos && stat(path.c_str(), &found) == 0 &&
           S_ISREG(found.st_mode);
}

std::optional<std::string> read_file(const std::string &path) {
    struct Close {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };
    static char chunk[64 * 1024];
    const std::unique_ptr<std::FILE, Close> file(
        std::fopen(path.c_str(), "rb"));
    if (!file) {
        return std::nullopt;
    }
    std::string content;
    while (const auto length = std::fread(chunk, 1, sizeof chunk, file.get())) {
        content.append(chunk, length);
    }
    if (std::ferror(file.get())) {
        return std::nullopt;
    }
    return content;
}

std::string outline_json(std::string_view path, std::string_view markdown) {
    std::string json = R"({"path":)";
    json::append_string(json, path);
    json += R"(,"headings":[)";
    std::string_view separator = "";
    for (const auto &heading : outline(markdown)) {
        json += separator;
        json += R"({"level":)" + std::to_string(heading.level);
        json += R"(,"line":)" + std::to_string(heading.line);
        json += R"(,"text":)";
        json::append_string(json, heading.text);
        json += '}';
        separator = ",";
    }
    json += "]}";
    return json;
}

// Tells the people who read the event log. The model does not see it.
void log_debug(std::string message) {
    plugin_string_t passed = {reinterpret_cast<std::uint8_t *>(message.data()),
                              message.size()};
    lucid_plugin_log_write(LUCID_PLUGIN_LOG_LEVEL_DEBUG, &passed);
}

// The answer to a call, as JSON.
std::variant<std::string, Failure> call(std::string_view tool,
                                        std::string_view input) {
    if (tool != name) {
        return unknown_tool(tool);
    }
    const auto member = json::string_member(input, "path");
    if (const auto *problem = std::get_if<json::Problem>(&member)) {
        return failure_of(*problem);
    }
    const auto &path = std::get<std::string>(member);
    if (!is_file(path)) {
        return not_found(path);
    }
    const auto markdown = read_file(path);
    if (!markdown) {
        return failed("the file cannot be read");
    }
    if (!is_utf8(*markdown)) {
        return failed("the file is not UTF-8");
    }
    log_debug("outlined " + path);
    return outline_json(path, *markdown);
}

std::string_view view(const plugin_string_t *text) {
    return {reinterpret_cast<const char *>(text->ptr), text->len};
}

// A copy of a text.
plugin_string_t text_for_host(std::string_view text) {
    plugin_string_t copy;
    plugin_string_dup_n(&copy, text.data(), text.size());
    return copy;
}

// A copy of one item, as a list of one.
template <typename Item> Item *list_for_host(const Item &item) {
    auto *copy = static_cast<Item *>(std::malloc(sizeof(Item)));
    if (copy == nullptr) {
        std::abort();
    }
    *copy = item;
    return copy;
}

} // namespace

void exports_lucid_plugin_tools_list_tools(Tools *tools) {
    Tool tool = {};
    tool.name = text_for_host(name);
    tool.description = text_for_host(description);
    tool.input_schema = text_for_host(input_schema);
    tool.annotations = EXPORTS_LUCID_PLUGIN_TOOLS_ANNOTATIONS_READ_ONLY |
                       EXPORTS_LUCID_PLUGIN_TOOLS_ANNOTATIONS_IDEMPOTENT;
    *tools = {list_for_host(tool), 1};
}

// Gives true and an answer, or false and an error.
bool exports_lucid_plugin_tools_call_tool(plugin_string_t *tool,
                                          plugin_string_t *input,
                                          Contents *answer, ToolError *error) {
    const auto result = call(view(tool), view(input));
    plugin_string_free(tool);
    plugin_string_free(input);
    if (const auto *failure = std::get_if<Failure>(&result)) {
        // Every kind of error holds one text, at the same place.
        error->tag = failure->kind;
        error->val.failed = text_for_host(failure->message);
        return false;
    }
    Content block;
    block.tag = EXPORTS_LUCID_PLUGIN_TOOLS_CONTENT_JSON;
    block.val.json = text_for_host(std::get<std::string>(result));
    *answer = {list_for_host(block), 1};
    return true;
}
