#ifndef JSON_H
#define JSON_H

#include "text.h"

// What came of looking for a member of a JSON object.
enum json_member {
    JSON_STRING,
    JSON_MISSING,
    JSON_NOT_A_STRING,
    JSON_NOT_AN_OBJECT,
    JSON_INVALID, // Not JSON, or nested more than 64 deep.
};

// Reads the string that `name` has in the JSON object `json`; where it is there
// twice, the last one. `json` has to be UTF-8, as the text of every call is.
enum json_member json_read_string(const char *json, size_t length,
                                  const char *name, struct text *value);

// Appends a JSON string with its quotes.
void json_write_string(struct text *json, const char *bytes, size_t length);

#endif
