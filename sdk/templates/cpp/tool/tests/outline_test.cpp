// Tests of the part that needs no host. See README.md for the command.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "json.hpp"
#include "outline.hpp"
#include "utf8.hpp"

namespace {

int failures = 0;

void expect(bool holds, std::string_view what) {
    if (!holds) {
        std::fprintf(stderr, "failed: %.*s\n", static_cast<int>(what.size()),
                     what.data());
        failures++;
    }
}

// Compares the headings, written as `level@line text|`.
void expect_outline(std::string_view markdown, std::string_view expected) {
    std::string found;
    for (const auto &heading : outline(markdown)) {
        found += std::to_string(heading.level) + '@' +
                 std::to_string(heading.line) + ' ';
        found += heading.text;
        found += '|';
    }
    expect(found == expected, found);
}

void headings_are_found_with_level_and_line() {
    expect_outline("# One\ntext\n## Two\r\n###### Six",
                   "1@1 One|2@3 Two|6@4 Six|");
    expect_outline("#\n##  \n", "1@1 |2@2 |");
    expect_outline("", "");
}

void what_only_looks_like_a_heading_is_none() {
    expect_outline("####### Seven\n#tag\ntext # text\nTitle\n=====\n", "");
}

void trailing_signs_are_dropped_after_a_space_only() {
    expect_outline("## Two ##\n# C#\n# # #\n# #\n",
                   "2@1 Two|1@2 C#|1@3 #|1@4 |");
}

void fenced_lines_are_skipped() {
    expect_outline("```sh\n# no\n~~~\n# no\n```\n# yes", "1@6 yes|");
    expect_outline("~~~~\n# no\n~~~\n# no\n~~~~~\n# yes", "1@6 yes|");
    expect_outline("```\n# no, to the end", "");
}

void expect_path(std::string_view json, std::string_view expected) {
    const auto found = json::string_member(json, "path");
    const auto *path = std::get_if<std::string>(&found);
    expect(path != nullptr && *path == expected, json);
}

void expect_problem(std::string_view json, json::Problem expected) {
    const auto found = json::string_member(json, "path");
    const auto *problem = std::get_if<json::Problem>(&found);
    expect(problem != nullptr && *problem == expected, json);
}

void a_path_is_read_from_json() {
    expect_path(R"({"path":"/a.md"})", "/a.md");
    expect_path(R"( { "x" : [ 1, {"path": 2} ] , "path" : "" } )", "");
    expect_path(R"({"path":1,"path":"last","y":-1.5e+3})", "last");
    expect_path(R"({"p\u0061th":"\"\\\/\n\u00e9\u20AC\ud83d\ude00"})",
                "\"\\/\né€😀");
}

void other_json_says_why_there_is_no_path() {
    expect_problem("{}", json::Problem::missing);
    expect_problem(R"({"a":{"path":"/a.md"}})", json::Problem::missing);
    expect_problem(R"({"path":["/a.md"]})", json::Problem::not_a_string);
    expect_problem(R"(["path"])", json::Problem::not_an_object);
    expect_problem("null", json::Problem::not_an_object);
}

void what_is_not_json_is_refused() {
    constexpr std::string_view wrong[] = {
        "",
        " ",
        "{",
        R"({"path":"/a")",
        R"({"path":"/a"}})",
        "[1,]",
        "[1 2]",
        "{path:1}",
        R"({"path":"/a",})",
        "01",
        "-",
        "1.",
        "1e",
        ".5",
        "tru",
        "\"a",
        R"("\x")",
        "\"\n\"",
        "'a'",
        R"("\ud83d")",
        R"("\ude00")",
        R"("\u12g4")",
        R"("\u12)",
    };
    for (const auto json : wrong) {
        expect_problem(json, json::Problem::not_json);
    }
}

void what_is_nested_too_deep_is_refused() {
    std::string json;
    for (int i = 0; i < 10'000; i++) {
        json += R"({"a":[)";
    }
    expect_problem(json, json::Problem::not_json);
}

void strings_are_written_with_escapes() {
    std::string json;
    json::append_string(json, "a\"b\\c\n\t\x01/é");
    expect(json == R"("a\"b\\c\n\t\u0001/é")", json);
}

void only_utf8_is_utf8() {
    constexpr std::string_view wrong[] = {
        "\xFF",
        "\xC0\x80",
        "\xE0\x80\x80",
        "\xED\xA0\x80",
        "\xE2\x82",
        "\xF4\x90\x80\x80",
        "\x80",
        "a\xC3",
        "\xE2\x82"
        "a",
    };
    expect(is_utf8("aé€😀"), "UTF-8");
    for (const auto bytes : wrong) {
        expect(!is_utf8(bytes), "not UTF-8");
    }
}

} // namespace

int main() {
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
    std::puts(failures == 0 ? "all tests passed" : "some tests failed");
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
