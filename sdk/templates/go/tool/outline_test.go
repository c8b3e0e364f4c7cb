package main

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func expectHeadings(t *testing.T, markdown string, expected ...Heading) {
	t.Helper()
	found := findHeadings(markdown)
	if len(found)+len(expected) > 0 && !reflect.DeepEqual(found, expected) {
		t.Errorf("%q: found %v, expected %v", markdown, found, expected)
	}
}

func TestHeadingsAreFoundWithLevelAndLine(t *testing.T) {
	expectHeadings(t, "# One\ntext\n## Two\r\n###### Six\n#",
		Heading{1, 1, "One"}, Heading{2, 3, "Two"}, Heading{6, 4, "Six"}, Heading{1, 5, ""})
	expectHeadings(t, "")
}

func TestWhatOnlyLooksLikeAHeadingIsNone(t *testing.T) {
	expectHeadings(t, "####### Seven\n#tag\ntext # text\nTitle\n=====\n")
}

func TestTrailingSignsAreDroppedAfterASpaceOnly(t *testing.T) {
	expectHeadings(t, "## Two ##\n# C#\n# # #\n# #\n",
		Heading{2, 1, "Two"}, Heading{1, 2, "C#"}, Heading{1, 3, "#"}, Heading{1, 4, ""})
}

func TestFencedLinesAreSkipped(t *testing.T) {
	expectHeadings(t, "```sh\n# no\n~~~\n# no\n```\n# yes", Heading{1, 6, "yes"})
	expectHeadings(t, "~~~~\n# no\n~~~\n# no\n~~~~~\n# yes", Heading{1, 6, "yes"})
	expectHeadings(t, "```\n# no, to the end")
}

func TestAPathIsReadFromJSON(t *testing.T) {
	path, err := readPath(`{"path": "/\u00e9.md", "more": [1]}`)
	if path != "/é.md" || err != nil {
		t.Errorf("found %q, %v", path, err)
	}
}

func TestAnInputWithoutAPathIsRefused(t *testing.T) {
	for _, input := range []string{"", "{", "null", "[]", `"path"`, "{}", `{"path": 1}`} {
		if path, err := readPath(input); err == nil {
			t.Errorf("%q: found %q", input, path)
		}
	}
}

func TestTheAnswerIsCompactJSON(t *testing.T) {
	found, err := toJSON(Outline{"/a.md", []Heading{{1, 2, `a "b" & <c>`}}})
	expected := `{"path":"/a.md","headings":[{"level":1,"line":2,"text":"a \"b\" & <c>"}]}`
	if found != expected || err != nil {
		t.Errorf("found %s, %v", found, err)
	}
	found, err = toJSON(Outline{"/a.md", findHeadings("")})
	if found != `{"path":"/a.md","headings":[]}` || err != nil {
		t.Errorf("found %s, %v", found, err)
	}
}

func TestTheSampleIsOutlined(t *testing.T) {
	answer, err := callTool("outline", `{"path": "sample/notes.md"}`)
	expected := `{"path":"sample/notes.md","headings":[` +
		`{"level":1,"line":1,"text":"Notes"},{"level":2,"line":5,"text":"Method"},` +
		`{"level":2,"line":12,"text":"Results"},{"level":3,"line":14,"text":"The \"fast\" way"}]}`
	if answer != expected || err != nil {
		t.Errorf("found %s, %v", answer, err)
	}
}

func TestWhatGoesWrongIsToldByItsKind(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "binary")
	if err := os.WriteFile(binary, []byte{0xff}, 0o600); err != nil {
		t.Fatal(err)
	}
	expected := map[string]uint32{
		`{"path": "sample/none.md"}`: NotFound,
		`{"path": "sample"}`:         NotFound,
		`{"path": "` + binary + `"}`: Failed,
		`{"path": 1}`:                InvalidInput,
	}
	for input, kind := range expected {
		var failure ToolError
		if _, err := callTool("outline", input); !errors.As(err, &failure) || failure.Kind != kind {
			t.Errorf("%s: found %v", input, err)
		}
	}
	if _, err := callTool("other", "{}"); err != (ToolError{UnknownTool, "other"}) {
		t.Errorf("found %v", err)
	}
}
