package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// Heading is one heading of a Markdown text.
type Heading struct {
	Level int    `json:"level"` // From 1 to 6.
	Line  int    `json:"line"`  // From 1.
	Text  string `json:"text"`
}

// Outline is what the tool answers.
type Outline struct {
	Path     string    `json:"path"`
	Headings []Heading `json:"headings"`
}

// readPath reads the path from the JSON object that the model wrote.
func readPath(input string) (string, error) {
	var object map[string]any
	if err := json.Unmarshal([]byte(input), &object); err != nil || object == nil {
		return "", errors.New("the input is not a JSON object")
	}
	path, ok := object["path"].(string)
	if !ok {
		return "", errors.New("`path` is missing or not a string")
	}
	return path, nil
}

// findHeadings lists the headings of a Markdown text.
func findHeadings(markdown string) []Heading {
	headings := []Heading{} // Not nil, which would be `null` in JSON.
	fence := ""             // What opened the block of code that we are in.
	number := 0
	for line := range strings.Lines(markdown) {
		number++
		trimmed := strings.TrimSpace(line)
		marks := fenceMarks(trimmed)
		if fence != "" {
			if marks == trimmed && strings.HasPrefix(marks, fence) {
				fence = ""
			}
		} else if marks != "" {
			fence = marks
		} else if level, text, ok := parseHeading(line); ok {
			headings = append(headings, Heading{level, number, text})
		}
	}
	return headings
}

func parseHeading(line string) (level int, text string, ok bool) {
	rest := strings.TrimLeft(line, "#")
	level = len(line) - len(rest)
	text = strings.TrimSpace(rest)
	isApart := rest == "" || strings.ContainsRune(" \t\r\n", rune(rest[0]))
	if level < 1 || level > 6 || !isApart {
		return 0, "", false
	}
	// `## Title ##` is `Title`, and `## C#` is `C#`.
	kept := strings.TrimRight(text, "#")
	if kept == "" || strings.HasSuffix(kept, " ") || strings.HasSuffix(kept, "\t") {
		text = strings.TrimSpace(kept)
	}
	return level, text, true
}

// fenceMarks gives the marks that open or close a block of code, if there are any.
func fenceMarks(trimmed string) string {
	for _, mark := range []string{"`", "~"} {
		marks := trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, mark))]
		if len(marks) >= 3 {
			return marks
		}
	}
	return ""
}

// toJSON gives compact JSON, with `<`, `>` and `&` as they are.
func toJSON(outline Outline) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(outline)
	return strings.TrimSuffix(text.String(), "\n"), err
}
