#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace json {

/// Why there is no string to be had.
enum class Problem {
    not_json, ///< Or nested more than 64 deep.
    not_an_object,
    missing,
    not_a_string,
};

/// Reads the string that `name` has in the JSON object `json`; where it is
/// there twice, the last one. `json` has to be UTF-8, as the text of every
/// call is.
std::variant<std::string, Problem> string_member(std::string_view json,
                                                 std::string_view name);

/// Appends a JSON string with its quotes.
void append_string(std::string &json, std::string_view text);

} // namespace json
