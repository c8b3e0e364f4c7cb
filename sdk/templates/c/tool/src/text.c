#include "text.h"

#include <stdlib.h>
#include <string.h>

void text_append(struct text *text, const char *bytes, size_t length) {
    size_t needed = text->length + length + 1;
    if (needed > text->capacity) {
        text->capacity = needed < 64 ? 64 : needed + needed / 2;
        text->bytes = realloc(text->bytes, text->capacity);
        if (text->bytes == NULL) {
            abort();
        }
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_append_string(struct text *text, const char *string) {
    text_append(text, string, strlen(string));
}

void text_append_number(struct text *text, size_t number) {
    char digits[20];
    size_t start = sizeof digits;
    do {
        digits[--start] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text_append(text, digits + start, sizeof digits - start);
}

bool text_is(const struct text *text, const char *string) {
    size_t length = strlen(string);
    return text->length == length && memcmp(text->bytes, string, length) == 0;
}

void text_free(struct text *text) {
    free(text->bytes);
    *text = (struct text){0};
}

bool is_utf8(const char *bytes, size_t length) {
    const unsigned char *at = (const unsigned char *)bytes;
    const unsigned char *end = at + length;
    while (at < end) {
        unsigned char first = *at++;
        if (first < 0x80) {
            continue;
        }
        if (first < 0xC2 || first > 0xF4) {
            return false;
        }
        int more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
        if (end - at < more) {
            return false;
        }
        // The second byte has a narrower range where a shorter form exists,
        // where the halves of a UTF-16 pair lie, and beyond the last character
        // there is.
        unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        for (; more > 0; more--, at++) {
            if (*at < low || *at > high) {
                return false;
            }
            low = 0x80;
            high = 0xBF;
        }
    }
    return true;
}
