// Tests of the part that needs no host. See README.md for the command.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "outline.h"
#include "text.h"

static int failures = 0;

static void expect(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "failed: %s\n", what);
        failures++;
    }
}

// Compares the headings, written as `level@line text|`.
static void expect_outline(const char *markdown, const char *expected) {
    char found[512] = "";
    struct outline outline = {0};
    struct heading heading;
    const char *line = markdown;
    while (*line != '\0') {
        const char *newline = strchr(line, '\n');
        const char *next = newline == NULL ? strchr(line, '\0') : newline + 1;
        if (outline_line(&outline, line, (size_t)(next - line), &heading)) {
            size_t end = strlen(found);
            snprintf(found + end, sizeof found - end, "%zu@%zu %.*s|",
                     heading.level, heading.line, (int)heading.length,
                     heading.text);
        }
        line = next;
    }
    if (strcmp(found, expected) != 0) {
        fprintf(stderr, "failed: %s\n  found    %s\n  expected %s\n", markdown,
                found, expected);
        failures++;
    }
}

static void headings_are_found_with_level_and_line(void) {
    expect_outline("# One\ntext\n## Two\r\n###### Six",
                   "1@1 One|2@3 Two|6@4 Six|");
    expect_outline("#\n##  \n", "1@1 |2@2 |");
    expect_outline("", "");
}

static void what_only_looks_like_a_heading_is_none(void) {
    expect_outline("####### Seven\n#tag\ntext # text\nTitle\n=====\n", "");
}

static void trailing_signs_are_dropped_after_a_space_only(void) {
    expect_outline("## Two ##\n# C#\n# # #\n# #\n",
                   "2@1 Two|1@2 C#|1@3 #|1@4 |");
}

static void fenced_lines_are_skipped(void) {
    expect_outline("```sh\n# no\n~~~\n# no\n```\n# yes", "1@6 yes|");
    expect_outline("~~~~\n# no\n~~~\n# no\n~~~~~\n# yes", "1@6 yes|");
    expect_outline("```\n# no, to the end", "");
}

static void expect_path(const char *json, enum json_member expected,
                        const char *value) {
    struct text path = {0};
    enum json_member found =
        json_read_string(json, strlen(json), "path", &path);
    expect(found == expected, json);
    expect(value == NULL || (found == JSON_STRING && text_is(&path, value)),
           json);
    text_free(&path);
}

static void a_path_is_read_from_json(void) {
    expect_path("{\"path\":\"/a.md\"}", JSON_STRING, "/a.md");
    expect_path(" { \"x\" : [ 1, {\"path\": 2} ] , \"path\" : \"\" } ",
                JSON_STRING, "");
    expect_path("{\"path\":1,\"path\":\"last\",\"y\":-1.5e+3}", JSON_STRING,
                "last");
    expect_path(
        "{\"p\\u0061th\":\"\\\"\\\\\\/\\n\\u00e9\\u20AC\\ud83d\\ude00\"}",
        JSON_STRING, "\"\\/\né€😀");
}

static void other_json_says_why_there_is_no_path(void) {
    expect_path("{}", JSON_MISSING, NULL);
    expect_path("{\"a\":{\"path\":\"/a.md\"}}", JSON_MISSING, NULL);
    expect_path("{\"path\":[\"/a.md\"]}", JSON_NOT_A_STRING, NULL);
    expect_path("[\"path\"]", JSON_NOT_AN_OBJECT, NULL);
    expect_path("null", JSON_NOT_AN_OBJECT, NULL);
}

static void what_is_not_json_is_refused(void) {
    const char *const wrong[] = {
        "",
        " ",
        "{",
        "{\"path\":\"/a\"",
        "{\"path\":\"/a\"}}",
        "{\"path\":\"/a\",}",
        "{path:1}",
        "[1,]",
        "[1 2]",
        "01",
        "-",
        "1.",
        "1e",
        ".5",
        "tru",
        "\"a",
        "\"\\x\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\u12g4\"",
        "\"\n\"",
        "'a'",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_path(wrong[i], JSON_INVALID, NULL);
    }
}

static void what_is_nested_too_deep_is_refused(void) {
    enum { DEEP = 10000 };
    struct text json = {0};
    for (int i = 0; i < DEEP; i++) {
        text_append_string(&json, "{\"a\":[");
    }
    expect_path(json.bytes, JSON_INVALID, NULL);
    text_free(&json);
}

static void strings_are_written_with_escapes(void) {
    static const char bytes[] = "a\"b\\c\n\t\x01/é";
    struct text json = {0};
    json_write_string(&json, bytes, sizeof bytes - 1);
    text_append_number(&json, 1200);
    expect(text_is(&json, "\"a\\\"b\\\\c\\n\\t\\u0001/é\"1200"), "escapes");
    text_free(&json);
}

static void only_utf8_is_utf8(void) {
    const char *const wrong[] = {"\xFF",
                                 "\xC0\x80",
                                 "\xE0\x80\x80",
                                 "\xED\xA0\x80",
                                 "\xF4\x90\x80\x80",
                                 "\xE2\x82",
                                 "\x80",
                                 "a\xC3"};
    expect(is_utf8("aé€😀", strlen("aé€😀")), "UTF-8");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect(!is_utf8(wrong[i], strlen(wrong[i])), "not UTF-8");
    }
}

int main(void) {
    headings_are_found_with_level_and_line();
    what_only_looks_like_a_heading_is_none();
    trailing_signs_are_dropped_after_a_space_only();
    fenced_lines_are_skipped();
    a_path_is_read_from_json();
    other_json_says_why_there_is_no_path();
    what_is_not_json_is_refused();
    what_is_nested_too_deep_is_refused();
    strings_are_written_with_escapes();
    only_utf8_is_utf8();
    printf("%s\n", failures == 0 ? "all tests passed" : "some tests failed");
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
