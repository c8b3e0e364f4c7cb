#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

/// A heading. Its text lies within the Markdown text it was found in.
struct Heading {
    std::size_t level; ///< From 1 to 6.
    std::size_t line;  ///< From 1.
    std::string_view text;
};

/// Lists the headings of a Markdown text.
std::vector<Heading> outline(std::string_view markdown);
