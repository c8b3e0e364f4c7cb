#include "utf8.hpp"

#include <cstddef>

bool is_utf8(std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const unsigned char first = bytes[at++];
        if (first < 0x80) {
            continue;
        }
        if (first < 0xC2 || first > 0xF4) {
            return false;
        }
        // The second byte has a narrower range where a shorter form exists,
        // where the halves of a UTF-16 pair lie, and beyond the last character.
        unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        int more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
        for (; more > 0; more--) {
            const unsigned char byte = at < bytes.size() ? bytes[at++] : 0;
            if (byte < low || byte > high) {
                return false;
            }
            low = 0x80;
            high = 0xBF;
        }
    }
    return true;
}

void append_utf8(std::string &text, char32_t character) {
    const auto continuation = [character](int shift) {
        return static_cast<char>(0x80 | (character >> shift & 0x3F));
    };
    if (character < 0x80) {
        text += static_cast<char>(character);
    } else if (character < 0x800) {
        text += static_cast<char>(0xC0 | character >> 6);
        text += continuation(0);
    } else if (character < 0x10000) {
        text += static_cast<char>(0xE0 | character >> 12);
        text += continuation(6);
        text += continuation(0);
    } else {
        text += static_cast<char>(0xF0 | character >> 18);
        text += continuation(12);
        text += continuation(6);
        text += continuation(0);
    }
}
