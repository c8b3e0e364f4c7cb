#ifndef OUTLINE_H
#define OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

// Where we are in a Markdown text, which is read line by line. Start with
// `struct outline outline = {0};`.
struct outline {
    size_t line;
    char fence;          // '`' or '~' inside a fenced block, else '\0'.
    size_t fence_length; // How many of them opened it.
};

// A heading. Its text lies within the line and has no NUL at its end.
struct heading {
    size_t level; // From 1 to 6.
    size_t line;  // From 1.
    const char *text;
    size_t length;
};

// Reads the next line, and fills in the heading where it is one.
bool outline_line(struct outline *outline, const char *line, size_t length,
                  struct heading *heading);

#endif
