package main

// Tool is what an agent reads about a tool.
type Tool struct {
	Name        string // `[a-zA-Z0-9_-]`, 1 to 64 characters.
	Description string // What it does and when to use it.
	InputSchema string // JSON Schema of the input object.
	Annotations uint32
}

// What a call may do. Permission prompts are decided by it.
const (
	ReadOnly    = 1 << iota // It changes nothing.
	Destructive             // It may destroy something.
	Idempotent              // Doing it again has no further effect.
	OpenWorld               // It brings in text from outside.
)

// ToolError says to the model why a call gave no result.
type ToolError struct {
	Kind    uint32
	Message string
}

// The kinds of errors.
const (
	UnknownTool  = iota // No tool has this name.
	InvalidInput        // The input does not fit the schema or makes no sense.
	NotFound            // What the input names does not exist.
	Denied              // The plugin lacks a grant for this.
	Failed              // The tool tried and could not.
)

func (e ToolError) Error() string { return e.Message }
