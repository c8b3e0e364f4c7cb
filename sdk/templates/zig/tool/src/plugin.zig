//! The tool as the host sees it. `bindings` is made from `wit/` by `lucid plugin build`; it
//! declares the two functions that this file exports, and the host calls them. What the tool
//! does is in outline.zig.
//!
//! Who frees what:
//! - Texts that come in are ours: we free them before we return.
//! - Texts and lists that go out belong to the host from then on. It has them freed when it has
//!   read them, by C code that is made with the bindings. So they come from malloc, which is
//!   what `c_allocator` and `plugin_string_dup_n` use.
//! - Texts that we pass to the host, as to the log, stay ours.

const std = @import("std");
const bindings = @import("bindings");
const outline = @import("outline.zig");
const Allocator = std.mem.Allocator;

const Tool = bindings.exports_lucid_plugin_tools_tool_t;
const Tools = bindings.exports_lucid_plugin_tools_list_tool_t;
const Content = bindings.exports_lucid_plugin_tools_content_t;
const Contents = bindings.exports_lucid_plugin_tools_list_content_t;
const ToolError = bindings.exports_lucid_plugin_tools_tool_error_t;
const String = bindings.plugin_string_t;

const unknown_tool = bindings.EXPORTS_LUCID_PLUGIN_TOOLS_TOOL_ERROR_UNKNOWN_TOOL;
const invalid_input = bindings.EXPORTS_LUCID_PLUGIN_TOOLS_TOOL_ERROR_INVALID_INPUT;
const not_found = bindings.EXPORTS_LUCID_PLUGIN_TOOLS_TOOL_ERROR_NOT_FOUND;
const failed = bindings.EXPORTS_LUCID_PLUGIN_TOOLS_TOOL_ERROR_FAILED;

const io = std.Io.Threaded.global_single_threaded.io();

const name = "outline";
const description = "Lists the headings of a Markdown file, with their levels and lines.";
const input_schema =
    \\{"type":"object","properties":{"path":{"type":"string","description":
    \\"Absolute path of a Markdown file, as the agent sees it."}},"required":["path"]}
;

/// What a call gives: JSON, or why there is none.
const Answer = union(enum) {
    json: []const u8,
    unknown_tool: []const u8,
    invalid_input: []const u8,
    not_found: []const u8,
    failed: []const u8,
};

fn call(arena: Allocator, tool: []const u8, input: []const u8) Allocator.Error!Answer {
    if (!std.mem.eql(u8, tool, name)) return .{ .unknown_tool = tool };
    const path = outline.readPath(arena, input) catch |err| return switch (err) {
        error.OutOfMemory => |out| out,
        error.NotAnObject => .{ .invalid_input = "the input is not a JSON object" },
        error.NoPath => .{ .invalid_input = "`path` is missing or not a string" },
    };
    const markdown = readFile(arena, path) catch |err| return switch (err) {
        error.OutOfMemory => |out| out,
        error.FileNotFound, error.NotDir, error.IsDir => .{ .not_found = path },
        error.BadPathName, error.NameTooLong => .{ .not_found = path },
        else => .{ .failed = @errorName(err) },
    };
    if (!std.unicode.utf8ValidateSlice(markdown)) return .{ .failed = "the file is not UTF-8" };
    const headings = try outline.findHeadings(arena, markdown);
    logDebug(try std.fmt.allocPrint(arena, "outlined {s}", .{path}));
    return .{ .json = try outline.toJson(arena, .{ .path = path, .headings = headings }) };
}

/// Paths are those that the agent sees: the C library knows the folders behind them.
fn readFile(arena: Allocator, path: []const u8) ![]const u8 {
    return std.Io.Dir.cwd().readFileAlloc(io, path, arena, .unlimited);
}

/// Tells the people who read the event log. The model does not see it.
fn logDebug(message: []const u8) void {
    var passed: String = .{ .ptr = @constCast(message.ptr), .len = message.len };
    bindings.lucid_plugin_log_write(bindings.LUCID_PLUGIN_LOG_LEVEL_DEBUG, &passed);
}

fn slice(text: *const String) []const u8 {
    return text.ptr[0..text.len];
}

/// A copy of a text.
fn stringForHost(text: []const u8) String {
    var copy: String = undefined;
    bindings.plugin_string_dup_n(&copy, text.ptr, text.len);
    return copy;
}

/// A copy of one item, as a list of one.
fn listForHost(comptime List: type, item: anytype) List {
    const copy = std.heap.c_allocator.create(@TypeOf(item)) catch @panic("out of memory");
    copy.* = item;
    return .{ .ptr = copy, .len = 1 };
}

export fn exports_lucid_plugin_tools_list_tools(tools: *Tools) void {
    const tool: Tool = .{
        .name = stringForHost(name),
        .description = stringForHost(description),
        .input_schema = stringForHost(input_schema),
        .annotations = bindings.EXPORTS_LUCID_PLUGIN_TOOLS_ANNOTATIONS_READ_ONLY |
            bindings.EXPORTS_LUCID_PLUGIN_TOOLS_ANNOTATIONS_IDEMPOTENT,
    };
    tools.* = listForHost(Tools, tool);
}

/// Gives true and an answer, or false and an error.
export fn exports_lucid_plugin_tools_call_tool(
    tool: *String,
    input: *String,
    contents: *Contents,
    err: *ToolError,
) bool {
    defer bindings.plugin_string_free(tool);
    defer bindings.plugin_string_free(input);
    var arena: std.heap.ArenaAllocator = .init(std.heap.c_allocator);
    defer arena.deinit();
    const answer = call(arena.allocator(), slice(tool), slice(input)) catch
        Answer{ .failed = "out of memory" };
    switch (answer) {
        .json => |json| {
            const block: Content = .{
                .tag = bindings.EXPORTS_LUCID_PLUGIN_TOOLS_CONTENT_JSON,
                .val = .{ .json = stringForHost(json) },
            };
            contents.* = listForHost(Contents, block);
        },
        .unknown_tool => |text| fail(err, unknown_tool, text),
        .invalid_input => |text| fail(err, invalid_input, text),
        .not_found => |text| fail(err, not_found, text),
        .failed => |text| fail(err, failed, text),
    }
    return answer == .json;
}

/// Fills in an error. Every kind of error holds one text, at the same place.
fn fail(err: *ToolError, kind: u8, message: []const u8) void {
    err.* = .{ .tag = kind, .val = .{ .failed = stringForHost(message) } };
}
