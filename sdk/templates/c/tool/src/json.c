#include "json.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Values inside values are read this deep: reading them takes stack.
static const int DEPTH_MAX = 64;

// Characters that have a short escape, and the letters after the backslash. The
// last one may be escaped and need not be.
static const char ESCAPED[] = "\"\\\b\f\n\r\t/";
static const char ESCAPE_NAMES[] = "\"\\bfnrt/";
enum { ESCAPES = sizeof ESCAPED - 1, ESCAPES_NEEDED = ESCAPES - 1 };

// What is left to be read, and room for texts that nobody asked for.
struct reader {
    const char *at;
    const char *end;
    struct text other;
};

// The member that is looked for.
struct search {
    const char *name;
    struct text *value;
    enum json_member found;
};

static char peek(const struct reader *reader) {
    return reader->at < reader->end ? *reader->at : '\0';
}

static bool take(struct reader *reader, char expected) {
    if (reader->at == reader->end || *reader->at != expected) {
        return false;
    }
    reader->at++;
    return true;
}

static bool take_word(struct reader *reader, const char *word) {
    while (*word != '\0') {
        if (!take(reader, *word++)) {
            return false;
        }
    }
    return true;
}

static void skip_space(struct reader *reader) {
    while (take(reader, ' ') || take(reader, '\t') || take(reader, '\n') ||
           take(reader, '\r')) {
    }
}

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

static bool skip_digits(struct reader *reader) {
    const char *start = reader->at;
    while (is_digit(peek(reader))) {
        reader->at++;
    }
    return reader->at > start;
}

static bool read_number(struct reader *reader) {
    take(reader, '-');
    if (!take(reader, '0') && !skip_digits(reader)) {
        return false;
    }
    if (take(reader, '.') && !skip_digits(reader)) {
        return false;
    }
    if (take(reader, 'e') || take(reader, 'E')) {
        if (!take(reader, '+')) {
            take(reader, '-');
        }
        return skip_digits(reader);
    }
    return true;
}

static bool read_hex(struct reader *reader, uint32_t *code) {
    char digits[5] = "";
    for (int i = 0; i < 4; i++) {
        if (!isxdigit((unsigned char)peek(reader))) {
            return false;
        }
        digits[i] = *reader->at++;
    }
    *code = (uint32_t)strtoul(digits, NULL, 16);
    return true;
}

// Six bits of a character, as a byte after the first has them.
static char continuation(uint32_t code, int shift) {
    return (char)(0x80 | (code >> shift & 0x3F));
}

static void append_utf8(struct text *text, uint32_t code) {
    if (code < 0x80) {
        char bytes[] = {(char)code};
        text_append(text, bytes, sizeof bytes);
    } else if (code < 0x800) {
        char bytes[] = {(char)(0xC0 | code >> 6), continuation(code, 0)};
        text_append(text, bytes, sizeof bytes);
    } else if (code < 0x10000) {
        char bytes[] = {(char)(0xE0 | code >> 12), continuation(code, 6),
                        continuation(code, 0)};
        text_append(text, bytes, sizeof bytes);
    } else {
        char bytes[] = {(char)(0xF0 | code >> 18), continuation(code, 12),
                        continuation(code, 6), continuation(code, 0)};
        text_append(text, bytes, sizeof bytes);
    }
}

// After `\u`: one character, or the two halves that make one.
static bool read_unicode_escape(struct reader *reader, struct text *text) {
    uint32_t code;
    if (!read_hex(reader, &code) || (code >= 0xDC00 && code <= 0xDFFF)) {
        return false;
    }
    if (code >= 0xD800 && code <= 0xDBFF) {
        uint32_t low;
        if (!take_word(reader, "\\u") || !read_hex(reader, &low) ||
            low < 0xDC00 || low > 0xDFFF) {
            return false;
        }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(text, code);
    return true;
}

static bool read_escape(struct reader *reader, struct text *text) {
    if (take(reader, 'u')) {
        return read_unicode_escape(reader, text);
    }
    const char *name = memchr(ESCAPE_NAMES, peek(reader), ESCAPES);
    if (name == NULL) {
        return false;
    }
    reader->at++;
    text_append(text, &ESCAPED[name - ESCAPE_NAMES], 1);
    return true;
}

static bool read_string(struct reader *reader, struct text *text) {
    text->length = 0;
    if (!take(reader, '"')) {
        return false;
    }
    while (reader->at < reader->end) {
        const char *start = reader->at;
        while (reader->at < reader->end && *reader->at != '"' &&
               *reader->at != '\\' && (unsigned char)*reader->at >= ' ') {
            reader->at++;
        }
        text_append(text, start, (size_t)(reader->at - start));
        if (take(reader, '"')) {
            return true;
        }
        if (!take(reader, '\\') || !read_escape(reader, text)) {
            return false;
        }
    }
    return false;
}

static bool read_value(struct reader *reader, int depth, struct text *string);

static bool read_list(struct reader *reader, int depth) {
    take(reader, '[');
    skip_space(reader);
    if (take(reader, ']')) {
        return true;
    }
    do {
        if (!read_value(reader, depth + 1, &reader->other)) {
            return false;
        }
    } while (take(reader, ','));
    return take(reader, ']');
}

static bool read_member(struct reader *reader, int depth,
                        struct search *search) {
    struct text *string = &reader->other;
    skip_space(reader);
    if (!read_string(reader, string)) {
        return false;
    }
    bool is_wanted = search != NULL && text_is(string, search->name);
    skip_space(reader);
    if (!take(reader, ':')) {
        return false;
    }
    skip_space(reader);
    if (is_wanted) {
        search->found = peek(reader) == '"' ? JSON_STRING : JSON_NOT_A_STRING;
        string = search->value;
    }
    return read_value(reader, depth + 1, string);
}

static bool read_object(struct reader *reader, int depth,
                        struct search *search) {
    take(reader, '{');
    skip_space(reader);
    if (take(reader, '}')) {
        return true;
    }
    do {
        if (!read_member(reader, depth, search)) {
            return false;
        }
    } while (take(reader, ','));
    return take(reader, '}');
}

static bool read_bare_value(struct reader *reader, int depth,
                            struct text *string) {
    switch (peek(reader)) {
    case '{':
        return read_object(reader, depth, NULL);
    case '[':
        return read_list(reader, depth);
    case '"':
        return read_string(reader, string);
    case 't':
        return take_word(reader, "true");
    case 'f':
        return take_word(reader, "false");
    case 'n':
        return take_word(reader, "null");
    default:
        return read_number(reader);
    }
}

// Reads any value with the space around it; into `string` where it is one.
static bool read_value(struct reader *reader, int depth, struct text *string) {
    skip_space(reader);
    if (depth > DEPTH_MAX || !read_bare_value(reader, depth, string)) {
        return false;
    }
    skip_space(reader);
    return true;
}

enum json_member json_read_string(const char *json, size_t length,
                                  const char *name, struct text *value) {
    struct reader reader = {.at = json, .end = json + length};
    struct search search = {name, value, JSON_MISSING};
    skip_space(&reader);
    bool is_object = peek(&reader) == '{';
    bool is_read = is_object ? read_object(&reader, 0, &search)
                             : read_value(&reader, 0, &reader.other);
    skip_space(&reader);
    text_free(&reader.other);
    if (!is_read || reader.at < reader.end) {
        return JSON_INVALID;
    }
    return is_object ? search.found : JSON_NOT_AN_OBJECT;
}

void json_write_string(struct text *json, const char *bytes, size_t length) {
    static const char hex[] = "0123456789abcdef";
    text_append_string(json, "\"");
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        const char *escaped = memchr(ESCAPED, byte, ESCAPES_NEEDED);
        if (escaped != NULL) {
            char escape[] = {'\\', ESCAPE_NAMES[escaped - ESCAPED]};
            text_append(json, escape, sizeof escape);
        } else if (byte < ' ') {
            char escape[] = {'\\',           'u',           '0', '0',
                             hex[byte >> 4], hex[byte & 15]};
            text_append(json, escape, sizeof escape);
        } else {
            text_append(json, &bytes[i], 1);
        }
    }
    text_append_string(json, "\"");
}
