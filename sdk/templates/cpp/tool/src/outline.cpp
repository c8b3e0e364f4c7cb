#include "outline.hpp"

#include <algorithm>
#include <optional>

namespace {

constexpr std::string_view blanks = " \t\r";

bool is_blank(char character) { return blanks.find(character) != blanks.npos; }

std::string_view trimmed(std::string_view text) {
    const auto start = text.find_first_not_of(blanks);
    if (start == text.npos) {
        return {};
    }
    return text.substr(start, text.find_last_not_of(blanks) + 1 - start);
}

// The marks that open or close a block of code; nothing on any other line.
std::string_view fence_marks(std::string_view line) {
    line = trimmed(line);
    if (!line.starts_with("```") && !line.starts_with("~~~")) {
        return {};
    }
    return line.substr(0, line.find_first_not_of(line.front()));
}

std::optional<Heading> heading(std::string_view line, std::size_t number) {
    const auto end = line.find_first_not_of('#');
    const auto level = end == line.npos ? line.size() : end;
    auto text = line.substr(level);
    const bool is_apart = text.empty() || is_blank(text.front());
    if (level < 1 || level > 6 || !is_apart) {
        return std::nullopt;
    }
    // `## Title ##` is `Title`, and `## C#` is `C#`.
    text = trimmed(text);
    const auto kept = text.substr(0, text.find_last_not_of('#') + 1);
    if (kept.empty() || is_blank(kept.back())) {
        text = trimmed(kept);
    }
    return Heading{level, number, text};
}

} // namespace

std::vector<Heading> outline(std::string_view markdown) {
    std::vector<Heading> headings;
    std::string_view fence; // What opened the block of code that we are in.
    for (std::size_t number = 1; !markdown.empty(); number++) {
        const auto line = markdown.substr(0, markdown.find('\n'));
        markdown.remove_prefix(std::min(line.size() + 1, markdown.size()));
        const auto marks = fence_marks(line);
        if (!fence.empty()) {
            const bool is_alone = marks == trimmed(line);
            if (is_alone && marks.starts_with(fence)) {
                fence = {};
            }
        } else if (!marks.empty()) {
            fence = marks;
        } else if (const auto found = heading(line, number)) {
            headings.push_back(*found);
        }
    }
    return headings;
}
