// The tools of this plugin: what an agent reads about them, and what a call does. The work is
// done in outline.go, which knows nothing of Lucid. How the host calls is in host_wasip1.go.
package main

import (
	"os"
	"unicode/utf8"
)

var tools = []Tool{{
	Name:        "outline",
	Description: "Lists the headings of a Markdown file, with their levels and lines.",
	InputSchema: `{"type":"object","properties":{"path":{"type":"string","description":` +
		`"Absolute path of a Markdown file, as the agent sees it."}},"required":["path"]}`,
	Annotations: ReadOnly | Idempotent,
}}

// callTool gives the answer as JSON. An error that is no ToolError is told as `failed`.
func callTool(name, input string) (string, error) {
	if name != "outline" {
		return "", ToolError{UnknownTool, name}
	}
	path, err := readPath(input)
	if err != nil {
		return "", ToolError{InvalidInput, err.Error()}
	}
	markdown, err := os.ReadFile(path)
	if err != nil {
		return "", ToolError{NotFound, path}
	}
	if !utf8.Valid(markdown) {
		return "", ToolError{Failed, "the file is not UTF-8"}
	}
	logDebug("outlined " + path)
	return toJSON(Outline{path, findHeadings(string(markdown))})
}

// The host calls the functions in host_wasip1.go, and never main.
func main() {}
