#pragma once

#include <string>
#include <string_view>

/// Whether these bytes are UTF-8.
bool is_utf8(std::string_view bytes);

/// Appends one character; it is no half of a UTF-16 pair.
void append_utf8(std::string &text, char32_t character);
