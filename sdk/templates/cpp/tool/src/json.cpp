#include "json.hpp"

#include <charconv>

#include "utf8.hpp"

namespace json {
namespace {

using Result = std::variant<std::string, Problem>;

// Values inside values are read this deep: reading them takes stack.
constexpr int depth_max = 64;

// Characters that have a short escape, and the letters after the backslash. The
// last one may be escaped and need not be.
constexpr std::string_view escaped = "\"\\\b\f\n\r\t/";
constexpr std::string_view escape_names = "\"\\bfnrt/";
constexpr std::size_t escapes_needed = escaped.size() - 1;

class Reader {
  public:
    Reader(std::string_view json, std::string_view name)
        : rest(json), wanted(name) {}

    Result read() {
        skip_space();
        const bool is_object = peek() == '{';
        if (!read_value(0) || !rest.empty()) {
            return Problem::not_json;
        }
        return is_object ? result : Problem::not_an_object;
    }

  private:
    // What is left to be read.
    std::string_view rest;
    std::string_view wanted;
    Result result = Problem::missing;

    char peek() const { return rest.empty() ? '\0' : rest.front(); }

    bool take(std::string_view expected) {
        if (!rest.starts_with(expected)) {
            return false;
        }
        rest.remove_prefix(expected.size());
        return true;
    }

    // Skips what consists of these characters, and says whether there was any.
    bool skip(std::string_view characters) {
        const auto end = rest.find_first_not_of(characters);
        const auto count = end == rest.npos ? rest.size() : end;
        rest.remove_prefix(count);
        return count > 0;
    }

    void skip_space() { skip(" \t\n\r"); }

    bool skip_digits() { return skip("0123456789"); }

    bool read_number() {
        take("-");
        if (!take("0") && !skip_digits()) {
            return false;
        }
        if (take(".") && !skip_digits()) {
            return false;
        }
        if (take("e") || take("E")) {
            if (!take("+")) {
                take("-");
            }
            return skip_digits();
        }
        return true;
    }

    bool read_hex(std::uint16_t &code) {
        const auto digits = rest.substr(0, 4);
        const auto end = digits.data() + digits.size();
        rest.remove_prefix(digits.size());
        return digits.size() == 4 &&
               std::from_chars(digits.data(), end, code, 16).ptr == end;
    }

    // After `\u`: one character, or the two halves that make one.
    bool read_unicode_escape(std::string &text) {
        std::uint16_t high = 0;
        std::uint16_t low = 0;
        if (!read_hex(high) || (high >= 0xDC00 && high <= 0xDFFF)) {
            return false;
        }
        char32_t character = high;
        if (high >= 0xD800 && high <= 0xDBFF) {
            if (!take("\\u") || !read_hex(low) || low < 0xDC00 ||
                low > 0xDFFF) {
                return false;
            }
            character = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        }
        append_utf8(text, character);
        return true;
    }

    bool read_escape(std::string &text) {
        if (take("u")) {
            return read_unicode_escape(text);
        }
        const auto escape = escape_names.find(peek());
        if (escape == escape_names.npos) {
            return false;
        }
        rest.remove_prefix(1);
        text += escaped[escape];
        return true;
    }

    bool read_string(std::string &text) {
        if (!take("\"")) {
            return false;
        }
        while (!take("\"")) {
            if (take("\\")) {
                if (!read_escape(text)) {
                    return false;
                }
            } else if (static_cast<unsigned char>(peek()) < ' ') {
                return false;
            } else {
                text += rest.front();
                rest.remove_prefix(1);
            }
        }
        return true;
    }

    bool read_member(int depth) {
        std::string name;
        skip_space();
        if (!read_string(name)) {
            return false;
        }
        skip_space();
        if (!take(":")) {
            return false;
        }
        skip_space();
        if (depth > 0 || name != wanted) {
            return read_value(depth + 1);
        }
        if (peek() != '"') {
            result = Problem::not_a_string;
            return read_value(depth + 1);
        }
        result = std::string();
        const bool is_read = read_string(std::get<std::string>(result));
        skip_space();
        return is_read;
    }

    bool read_object(int depth) {
        take("{");
        skip_space();
        if (take("}")) {
            return true;
        }
        do {
            if (!read_member(depth)) {
                return false;
            }
        } while (take(","));
        return take("}");
    }

    bool read_list(int depth) {
        take("[");
        skip_space();
        if (take("]")) {
            return true;
        }
        do {
            if (!read_value(depth + 1)) {
                return false;
            }
        } while (take(","));
        return take("]");
    }

    bool read_bare_value(int depth) {
        std::string other;
        switch (peek()) {
        case '{':
            return read_object(depth);
        case '[':
            return read_list(depth);
        case '"':
            return read_string(other);
        case 't':
            return take("true");
        case 'f':
            return take("false");
        case 'n':
            return take("null");
        default:
            return read_number();
        }
    }

    // Reads any value with the space around it.
    bool read_value(int depth) {
        skip_space();
        if (depth > depth_max || !read_bare_value(depth)) {
            return false;
        }
        skip_space();
        return true;
    }
};

} // namespace

Result string_member(std::string_view json, std::string_view name) {
    return Reader(json, name).read();
}

void append_string(std::string &json, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    json += '"';
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        const auto escape = escaped.substr(0, escapes_needed).find(character);
        if (escape != escaped.npos) {
            json += {'\\', escape_names[escape]};
        } else if (byte < ' ') {
            json += {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
        } else {
            json += character;
        }
    }
    json += '"';
}

} // namespace json
