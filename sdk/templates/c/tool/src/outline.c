#include "outline.h"

enum { LEVEL_MAX = 6, FENCE_MIN = 3 };

// A part of a text.
struct span {
    const char *start;
    const char *end;
};

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static struct span trimmed(struct span span) {
    while (span.start < span.end && is_blank(*span.start)) {
        span.start++;
    }
    while (span.start < span.end && is_blank(span.end[-1])) {
        span.end--;
    }
    return span;
}

// How often `byte` stands at the start.
static size_t run(struct span span, char byte) {
    const char *at = span.start;
    while (at < span.end && *at == byte) {
        at++;
    }
    return (size_t)(at - span.start);
}

// Whether the line is in a fenced block, or opens or closes one.
static bool is_fenced(struct outline *outline, struct span line) {
    line = trimmed(line);
    char byte = line.start < line.end ? *line.start : '\0';
    size_t length = run(line, byte);
    if (outline->fence != '\0') {
        bool alone = line.start + length == line.end;
        if (byte == outline->fence && length >= outline->fence_length &&
            alone) {
            outline->fence = '\0';
        }
        return true;
    }
    if ((byte != '`' && byte != '~') || length < FENCE_MIN) {
        return false;
    }
    outline->fence = byte;
    outline->fence_length = length;
    return true;
}

static bool is_heading(struct span line, struct heading *heading) {
    size_t level = run(line, '#');
    struct span text = {line.start + level, line.end};
    if (level < 1 || level > LEVEL_MAX ||
        (text.start < text.end && !is_blank(*text.start))) {
        return false;
    }
    text = trimmed(text);
    // `## Title ##` is `Title`, and `## C#` is `C#`.
    const char *end = text.end;
    while (end > text.start && end[-1] == '#') {
        end--;
    }
    if (end == text.start || is_blank(end[-1])) {
        text = trimmed((struct span){text.start, end});
    }
    heading->level = level;
    heading->text = text.start;
    heading->length = (size_t)(text.end - text.start);
    return true;
}

bool outline_line(struct outline *outline, const char *line, size_t length,
                  struct heading *heading) {
    struct span span = {line, line + length};
    outline->line++;
    heading->line = outline->line;
    return !is_fenced(outline, span) && is_heading(span, heading);
}
