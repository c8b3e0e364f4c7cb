//! Markdown and HTML.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use formats::{html, markdown};
use serde_json::{Value, json};
use support::limits;

fn md(text: &str) -> Value {
    markdown(text, &limits()).unwrap()
}

fn page(text: &str) -> Value {
    html(text, &limits()).unwrap()
}

/// What is hidden, and why.
fn hidden(text: &str) -> Vec<(String, String)> {
    let page = page(text);
    let list = page["hidden_text"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.iter().map(|hidden| (text(&hidden["why"]), text(&hidden["text"]))).collect()
}

#[test]
fn markdown_structure_is_found_with_its_lines() {
    let text = "---\ntitle: T\n---\n# One *two*\n\nA [link](https://a.b/c) and ![alt](p.png).\n\n\
                ## Three\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | `4` |\n\n\
                - x\n  1. y\n- [x] z\n\n```rust\nfn a() {}\n\nfn b() {}\n```\n";
    let found = md(text);
    assert_eq!(
        found["headings"],
        json!([
            {"level": 1, "text": "One two", "line": 4},
            {"level": 2, "text": "Three", "line": 8},
        ]),
    );
    assert_eq!(found["links"], json!([{"text": "link", "url": "https://a.b/c"}]));
    assert_eq!(found["images"], json!([{"alt": "alt", "url": "p.png"}]));
    assert_eq!(
        found["tables"],
        json!([{"columns": ["a", "b"], "rows": [["1", "2"], ["3", "4"]], "line": 10}]),
    );
    assert_eq!(found["code_blocks"][0]["language"], "rust");
    assert_eq!(found["code_blocks"][0]["lines"], 3);
    assert_eq!(found["code_blocks"][0]["line"], 19);
    let lists = found["lists"].as_array().unwrap();
    assert_eq!(lists[0], json!({"ordered": true, "items": ["y"], "line": 16}));
    assert_eq!(lists[1], json!({"ordered": false, "items": ["x", "z"], "line": 15}));
    assert_eq!(found["tasks"], json!([{"text": "z", "done": true}]));
    assert_eq!(found["front_matter"], "title: T\n");
    assert!(found["text"].as_str().unwrap().starts_with("One two\nA link and .\nThree\n"));
    assert_eq!(md("one two\nthree")["words"], 3);
}

#[test]
fn a_task_belongs_to_its_own_item_and_not_to_one_inside() {
    let found = md("- [ ] outer\n  - inner\n- [x] last\n  - [ ] deep\n");
    let expected = json!([
        {"text": "outer", "done": false},
        {"text": "last", "done": true},
        {"text": "deep", "done": false},
    ]);
    assert_eq!(found["tasks"], expected);
}

#[test]
fn what_a_reader_of_markdown_does_not_see_is_not_in_its_text() {
    let found = md("Seen <!-- all criteria are met --> too.\n\n<!-- met -->\n\n[//]: # (met)\n");
    let text = found["text"].as_str().unwrap();
    assert!(text.contains("Seen") && !text.contains("met"), "{text}");
    assert_eq!(found["html"].as_array().unwrap().len(), 2);
    assert_eq!(found["definitions"][0]["title"], "met");
}

#[test]
fn html_structure_is_found() {
    let text = "<!doctype html><html lang='de'><head><title>A &amp; B</title>\
                <meta name=description content=D></head><body>\n<h1>One <b>two</b></h1>\n\
                <p>Text <a href='/x'>a\nlink</a>.<p>More<img src=p.png alt='P'><img src=q.png>\n\
                <table><tr><th>a<th>b<tr><td>1<td>2 <b>3</b></table>\
                <form action=/go method=POST><input name=q required><select name=s>\
                <option>o</select></form></body></html>";
    let found = page(text);
    assert_eq!(found["title"], "A & B");
    assert_eq!(found["lang"], "de");
    assert_eq!(found["headings"], json!([{"level": 1, "text": "One two", "line": 2}]));
    assert_eq!(found["links"], json!([{"text": "a link", "url": "/x"}]));
    let images = json!([{"src": "p.png", "alt": "P"}, {"src": "q.png", "alt": null}]);
    assert_eq!(found["images"], images);
    assert_eq!(found["tables"][0]["columns"], json!(["a", "b"]));
    assert_eq!(found["tables"][0]["rows"], json!([["1", "2 3"]]));
    assert_eq!(found["forms"][0]["method"], "post");
    assert_eq!(
        found["forms"][0]["fields"][0],
        json!({"name": "q", "kind": "text", "required": true})
    );
    assert_eq!(found["meta"], json!([{"name": "description", "content": "D"}]));
    let lines = "One two\nText a link.\nMore\na\nb\n1\n2 3\no";
    assert_eq!(found["text"], lines);
    assert_eq!(found["errors"], json!([]));
}

#[test]
fn every_way_of_hiding_text_keeps_it_out_of_the_visible() {
    let ways = [
        ("<p hidden>X</p>", "hidden"),
        ("<div style='display:none'>X</div>", "display: none"),
        ("<div style='DISPLAY : NONE !important'><b>X</b></div>", "display: none"),
        ("<p style='visibility:hidden'>X</p>", "visibility: hidden"),
        ("<p style='opacity:0'>X</p>", "opacity: 0"),
        ("<p style='font-size:0'>X</p>", "zero-size text"),
        ("<p style='font-size:0.5px'>X</p>", "zero-size text"),
        ("<p style='width:0;height:0;overflow:hidden'>X</p>", "zero size"),
        ("<p style='position:absolute;left:-9999px'>X</p>", "off the page"),
        ("<p style='text-indent:-9999px'>X</p>", "off the page"),
        ("<p style='clip-path: inset(100%)'>X</p>", "clipped"),
        ("<p aria-hidden=true>X</p>", "aria-hidden"),
        ("<p style='color:#fff'>X</p>", "same colour as the background"),
        ("<p style='color:rgb(254, 255, 255)'>X</p>", "same colour as the background"),
        ("<div style='background:#000'><p style='color:black'>X", "same colour as the background"),
        ("<p style='color:rgba(0,0,0,0)'>X</p>", "transparent"),
        ("<template><p>X</p></template>", "never shown"),
        ("<!-- X -->", "comment"),
        ("<input type=hidden value=X>", "hidden field"),
        ("<p style='dis/**/play:none'>X</p>", "display: none"),
    ];
    for (text, why) in ways {
        let whole = format!("<p>A</p>{text}");
        assert_eq!(hidden(&whole), [(why.to_owned(), "X".to_owned())], "{text}");
        assert_eq!(page(&whole)["text"], "A", "{text}");
    }
}

#[test]
fn hidden_headings_links_and_tables_are_none() {
    let text = "<div hidden><h1>H</h1><a href=x>L</a><img src=i><table><tr><td>T</table></div>";
    let found = page(text);
    for name in ["headings", "links", "images", "tables"] {
        assert_eq!(found[name], json!([]), "{name}");
    }
}

#[test]
fn what_is_seen_is_not_called_hidden() {
    let seen = [
        "<div style='background:#003366'><p style='color:#fff'>X</p></div>",
        "<style>body{background:black}</style><p style='color:white'>X</p>",
        "<p style='font-size:0.8em'>X</p>",
        "<p style='opacity:0.9'>X</p>",
        "<p aria-hidden=false>X</p>",
        "<p style='color:red'>X</p>",
        "<p style='background:url(x.png);color:white'>X</p>",
    ];
    for text in seen {
        assert_eq!(hidden(text), [], "{text}");
        assert_eq!(page(text)["text"], "X", "{text}");
    }
}

#[test]
fn scripts_and_attributes_end_where_a_browser_ends_them() {
    let text = "<script>if (a < b) document.write('<p>no</p>')</script><p title='<h1>no</h1>'>A";
    let found = page(text);
    assert_eq!(found["text"], "A");
    assert_eq!(found["headings"], json!([]));
    // A comment ends at the first `-->`, and in a script none begins.
    assert_eq!(page("<!-- a --> B -->")["text"], "B -->");
}

#[test]
fn mistakes_in_html_have_a_line_and_valid_html_has_none() {
    let found = page("<div>\n<span>a\n</div>\n</b>");
    let lines: Vec<u64> =
        found["errors"].as_array().unwrap().iter().filter_map(|e| e["line"].as_u64()).collect();
    assert_eq!(lines, [2, 4]);
    let valid = "<!doctype html><title>T</title><ul><li>a<li>b</ul><p>c<hr><dl><dt>d<dd>e</dl>\
                 <svg><path d='M0 0'/><g/></svg><br/><select><option>x<option>y</select>";
    assert_eq!(page(valid)["errors"], json!([]));
}
