#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

// A text that grows. Start with `struct text text = {0};`, end with text_free.
// Where memory runs out the program stops, as it does in the code that is
// generated for the host.
struct text {
    char *bytes; // From malloc, with a NUL after the last one; NULL before the
                 // first append.
    size_t length;
    size_t capacity;
};

void text_append(struct text *text, const char *bytes, size_t length);

// Appends a string that ends with a NUL.
void text_append_string(struct text *text, const char *string);

// Appends a number in decimal.
void text_append_number(struct text *text, size_t number);

bool text_is(const struct text *text, const char *string);

void text_free(struct text *text);

// Whether these bytes are UTF-8.
bool is_utf8(const char *bytes, size_t length);

#endif
