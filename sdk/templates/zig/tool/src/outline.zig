//! What the tool does, in plain Zig. Its tests run with `zig test src/outline.zig`.

const std = @import("std");
const Allocator = std.mem.Allocator;

/// A heading. Its text lies within the Markdown text it was found in.
pub const Heading = struct {
    /// From 1 to 6.
    level: usize,
    /// From 1.
    line: usize,
    text: []const u8,
};

pub const InputError = error{ OutOfMemory, NotAnObject, NoPath };

/// Reads the path from the JSON object that the model wrote.
pub fn readPath(arena: Allocator, input: []const u8) InputError![]const u8 {
    const Input = struct { path: std.json.Value = .null };
    const parsed = std.json.parseFromSliceLeaky(Input, arena, input, .{
        .duplicate_field_behavior = .use_last,
        .ignore_unknown_fields = true,
    }) catch |err| switch (err) {
        error.OutOfMemory => |out| return out,
        else => return error.NotAnObject,
    };
    return switch (parsed.path) {
        .string => |path| path,
        else => error.NoPath,
    };
}

/// Lists the headings of a Markdown text.
pub fn findHeadings(arena: Allocator, markdown: []const u8) Allocator.Error![]const Heading {
    var headings: std.ArrayList(Heading) = .empty;
    var fence: []const u8 = ""; // What opened the block of code that we are in.
    var number: usize = 0;
    var lines = std.mem.splitScalar(u8, markdown, '\n');
    while (lines.next()) |line| {
        number += 1;
        const trimmed = trim(line);
        const marks = fenceMarks(trimmed);
        if (fence.len > 0) {
            if (marks.len == trimmed.len and std.mem.startsWith(u8, marks, fence)) fence = "";
        } else if (marks.len > 0) {
            fence = marks;
        } else if (heading(line, number)) |found| {
            try headings.append(arena, found);
        }
    }
    return headings.items;
}

pub const Answer = struct {
    path: []const u8,
    headings: []const Heading,
};

/// The answer, as compact JSON.
pub fn toJson(arena: Allocator, answer: Answer) Allocator.Error![]const u8 {
    return std.json.Stringify.valueAlloc(arena, answer, .{});
}

fn heading(line: []const u8, number: usize) ?Heading {
    const level = countStart(line, '#');
    const rest = line[level..];
    if (level < 1 or level > 6) return null;
    if (rest.len > 0 and !isBlank(rest[0])) return null;
    // `## Title ##` is `Title`, and `## C#` is `C#`.
    var text = trim(rest);
    const kept = std.mem.trimEnd(u8, text, "#");
    if (kept.len == 0 or isBlank(kept[kept.len - 1])) text = trim(kept);
    return .{ .level = level, .line = number, .text = text };
}

/// The marks that open or close a block of code; nothing on any other line.
fn fenceMarks(trimmed: []const u8) []const u8 {
    for ("`~") |mark| {
        const length = countStart(trimmed, mark);
        if (length >= 3) return trimmed[0..length];
    }
    return "";
}

fn countStart(text: []const u8, byte: u8) usize {
    return std.mem.findNone(u8, text, &.{byte}) orelse text.len;
}

fn trim(text: []const u8) []const u8 {
    return std.mem.trim(u8, text, " \t\r");
}

fn isBlank(byte: u8) bool {
    return byte == ' ' or byte == '\t' or byte == '\r';
}

fn expectHeadings(expected: []const Heading, markdown: []const u8) !void {
    var arena: std.heap.ArenaAllocator = .init(std.testing.allocator);
    defer arena.deinit();
    const found = try findHeadings(arena.allocator(), markdown);
    try std.testing.expectEqualDeep(expected, found);
}

test "headings are found with level and line" {
    try expectHeadings(&.{
        .{ .level = 1, .line = 1, .text = "One" },
        .{ .level = 2, .line = 3, .text = "Two" },
        .{ .level = 6, .line = 4, .text = "Six" },
        .{ .level = 1, .line = 5, .text = "" },
    }, "# One\ntext\n## Two\r\n###### Six\n#");
    try expectHeadings(&.{}, "");
}

test "what only looks like a heading is none" {
    try expectHeadings(&.{}, "####### Seven\n#tag\ntext # text\nTitle\n=====\n");
}

test "trailing signs are dropped after a space only" {
    try expectHeadings(&.{
        .{ .level = 2, .line = 1, .text = "Two" },
        .{ .level = 1, .line = 2, .text = "C#" },
        .{ .level = 1, .line = 3, .text = "#" },
        .{ .level = 1, .line = 4, .text = "" },
    }, "## Two ##\n# C#\n# # #\n# #\n");
}

test "fenced lines are skipped" {
    const yes: []const Heading = &.{.{ .level = 1, .line = 6, .text = "yes" }};
    try expectHeadings(yes, "```sh\n# no\n~~~\n# no\n```\n# yes");
    try expectHeadings(yes, "~~~~\n# no\n~~~\n# no\n~~~~~\n# yes");
    try expectHeadings(&.{}, "```\n# no, to the end");
}

fn expectPath(expected: anyerror![]const u8, input: []const u8) !void {
    var arena: std.heap.ArenaAllocator = .init(std.testing.allocator);
    defer arena.deinit();
    const found = readPath(arena.allocator(), input);
    if (expected) |path| {
        try std.testing.expectEqualStrings(path, try found);
    } else |err| {
        try std.testing.expectError(err, found);
    }
}

test "a path is read from JSON" {
    try expectPath("/a.md", "{\"path\":\"/a.md\",\"more\":-1.5e+3}");
    try expectPath("é€😀", " {\"path\":1,\"path\":\"\\u00e9\\u20ac\\ud83d\\ude00\"} ");
}

test "an input without a path is refused" {
    const none = [_][]const u8{
        "{}",
        \\{"path":1}
        ,
        \\{"path":[97]}
        ,
        \\{"a":{"path":"b"}}
    };
    for (none) |input| try expectPath(error.NoPath, input);
    const wrong = [_][]const u8{
        "",
        "{",
        "null",
        "[]",
        "{} {}",
        \\{"path":"a"
        ,
        \\{"path":"a",}
        ,
        \\{"path":"\ud83d"}
    };
    for (wrong) |input| try expectPath(error.NotAnObject, input);
}

test "the answer is compact JSON" {
    var arena: std.heap.ArenaAllocator = .init(std.testing.allocator);
    defer arena.deinit();
    const text = "a\"b\\c\t\x01/é";
    const json = try toJson(arena.allocator(), .{
        .path = "/a.md",
        .headings = &.{.{ .level = 1, .line = 2, .text = text }},
    });
    try std.testing.expectEqualStrings(
        \\{"path":"/a.md","headings":[{"level":1,"line":2,"text":"a\"b\\c\t\u0001/é"}]}
    , json);
}
