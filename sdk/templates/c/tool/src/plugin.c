// The tool as the host sees it. `plugin.h` is made from `wit/` by `lucid plugin
// build`; it declares the two functions at the end of this file, and the host
// calls them. What the tool does is in outline.c.
//
// Who frees what:
// - Texts that come in are ours: we free them before we return.
// - Texts and lists that go out belong to the host from then on. It has them
//   freed when it has read them, by code that is made with `plugin.h`. So they
//   must come from malloc: plugin_string_dup and `struct text` see to that.
// - Texts that we pass to the host, as to the log, stay ours.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "json.h"
#include "outline.h"
#include "plugin.h"
#include "text.h"

typedef exports_lucid_plugin_tools_tool_t tool_t;
typedef exports_lucid_plugin_tools_list_tool_t list_tool_t;
typedef exports_lucid_plugin_tools_content_t content_t;
typedef exports_lucid_plugin_tools_list_content_t list_content_t;
typedef exports_lucid_plugin_tools_tool_error_t tool_error_t;

#define UNKNOWN_TOOL EXPORTS_LUCID_PLUGIN_TOOLS_TOOL_ERROR_UNKNOWN_TOOL
#define INVALID_INPUT EXPORTS_LUCID_PLUGIN_TOOLS_TOOL_ERROR_INVALID_INPUT
#define NOT_FOUND EXPORTS_LUCID_PLUGIN_TOOLS_TOOL_ERROR_NOT_FOUND
#define FAILED EXPORTS_LUCID_PLUGIN_TOOLS_TOOL_ERROR_FAILED

static const char NAME[] = "outline";
static const char DESCRIPTION[] =
    "Lists the headings of a Markdown file, with their levels and lines.";
static const char INPUT_SCHEMA[] =
    "{\"type\":\"object\",\"required\":[\"path\"],\"properties\":{"
    "\"path\":{\"type\":\"string\",\"description\":"
    "\"Absolute path of a Markdown file, as the agent sees it.\"}}}";

// Fills in an error. Every kind of error holds one text, at the same place.
static bool fail(tool_error_t *error, uint8_t kind, const char *message,
                 size_t length) {
    error->tag = kind;
    plugin_string_dup_n(&error->val.failed, message, length);
    return false;
}

static bool fail_because(tool_error_t *error, uint8_t kind,
                         const char *message) {
    return fail(error, kind, message, strlen(message));
}

static void write_heading(struct text *json, const struct heading *heading) {
    text_append_string(json, "{\"level\":");
    text_append_number(json, heading->level);
    text_append_string(json, ",\"line\":");
    text_append_number(json, heading->line);
    text_append_string(json, ",\"text\":");
    json_write_string(json, heading->text, heading->length);
    text_append_string(json, "}");
}

// Writes the headings of a file. Returns what is wrong with it, or NULL.
static const char *write_headings(struct text *json, FILE *file) {
    struct outline outline = {0};
    struct heading heading;
    const char *separator = "";
    const char *mistake = NULL;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    while (mistake == NULL && (length = getline(&line, &capacity, file)) >= 0) {
        if (!is_utf8(line, (size_t)length)) {
            mistake = "the file is not UTF-8";
        } else if (outline_line(&outline, line, (size_t)length, &heading)) {
            text_append_string(json, separator);
            write_heading(json, &heading);
            separator = ",";
        }
    }
    free(line);
    return ferror(file) ? "the file cannot be read" : mistake;
}

// Tells the people who read the event log. The model does not see it.
static void log_path(const struct text *path) {
    struct text message = {0};
    text_append_string(&message, "outlined ");
    text_append(&message, path->bytes, path->length);
    plugin_string_t passed = {(uint8_t *)message.bytes, message.length};
    lucid_plugin_log_write(LUCID_PLUGIN_LOG_LEVEL_DEBUG, &passed);
    text_free(&message);
}

// Gives a result of one JSON block. The block takes the bytes of `json` over.
static bool answer_json(list_content_t *answer, struct text *json) {
    content_t *block = malloc(sizeof *block);
    if (block == NULL) {
        abort();
    }
    block->tag = EXPORTS_LUCID_PLUGIN_TOOLS_CONTENT_JSON;
    block->val.json = (plugin_string_t){(uint8_t *)json->bytes, json->length};
    *answer = (list_content_t){block, 1};
    return true;
}

static bool is_file(const struct text *path) {
    struct stat found;
    // With a NUL in the middle it would be another path for the C library.
    return strlen(path->bytes) == path->length &&
           stat(path->bytes, &found) == 0 && S_ISREG(found.st_mode);
}

static bool outline_file(const struct text *path, list_content_t *answer,
                         tool_error_t *error) {
    if (!is_file(path)) {
        return fail(error, NOT_FOUND, path->bytes, path->length);
    }
    FILE *file = fopen(path->bytes, "rb");
    if (file == NULL) {
        return fail_because(error, FAILED, "the file cannot be opened");
    }
    struct text json = {0};
    text_append_string(&json, "{\"path\":");
    json_write_string(&json, path->bytes, path->length);
    text_append_string(&json, ",\"headings\":[");
    const char *mistake = write_headings(&json, file);
    text_append_string(&json, "]}");
    fclose(file);
    if (mistake != NULL) {
        text_free(&json);
        return fail_because(error, FAILED, mistake);
    }
    log_path(path);
    return answer_json(answer, &json);
}

static bool outline(const plugin_string_t *input, list_content_t *answer,
                    tool_error_t *error) {
    const char *json = (const char *)input->ptr;
    struct text path = {0};
    bool ok = false;
    switch (json_read_string(json, input->len, "path", &path)) {
    case JSON_STRING:
        ok = outline_file(&path, answer, error);
        break;
    case JSON_MISSING:
        fail_because(error, INVALID_INPUT, "`path` is missing");
        break;
    case JSON_NOT_A_STRING:
        fail_because(error, INVALID_INPUT, "`path` is not a string");
        break;
    case JSON_NOT_AN_OBJECT:
        fail_because(error, INVALID_INPUT, "the input is not a JSON object");
        break;
    case JSON_INVALID:
        fail_because(error, INVALID_INPUT,
                     "the input is not JSON, or nested too deep");
        break;
    }
    text_free(&path);
    return ok;
}

void exports_lucid_plugin_tools_list_tools(list_tool_t *tools) {
    tool_t *tool = calloc(1, sizeof *tool);
    if (tool == NULL) {
        abort();
    }
    plugin_string_dup(&tool->name, NAME);
    plugin_string_dup(&tool->description, DESCRIPTION);
    plugin_string_dup(&tool->input_schema, INPUT_SCHEMA);
    tool->annotations = EXPORTS_LUCID_PLUGIN_TOOLS_ANNOTATIONS_READ_ONLY |
                        EXPORTS_LUCID_PLUGIN_TOOLS_ANNOTATIONS_IDEMPOTENT;
    *tools = (list_tool_t){tool, 1};
}

// Gives true and an answer, or false and an error.
bool exports_lucid_plugin_tools_call_tool(plugin_string_t *name,
                                          plugin_string_t *input,
                                          list_content_t *answer,
                                          tool_error_t *error) {
    bool ok;
    if (name->len == strlen(NAME) && memcmp(name->ptr, NAME, name->len) == 0) {
        ok = outline(input, answer, error);
    } else {
        ok = fail(error, UNKNOWN_TOOL, (const char *)name->ptr, name->len);
    }
    plugin_string_free(name);
    plugin_string_free(input);
    return ok;
}
