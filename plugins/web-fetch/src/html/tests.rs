use super::*;
use std::time::{Duration, Instant};

fn page(html: &str) -> Page {
    read(html, &Url::parse("https://a.example/b/c").unwrap(), 1_000_000)
}

#[track_caller]
fn check(html: &str, expected: &str) {
    assert_eq!(page(html).text.text(), expected, "{html}");
}

#[test]
fn headings_and_paragraphs_keep_their_form() {
    check(
        "<html><head><title> The\n air &ndash; today</title></head><body>\n<h1>Air</h1>\n\
         <p>It is\n   <b>clean</b>.</p><p>Mostly.<h2>Why</h2>Wind.</body></html>",
        "# Air\n\nIt is clean.\n\nMostly.\n\n## Why\n\nWind.",
    );
    assert_eq!(page("<title> The\n air &ndash; today</title>x").title, "The air – today");
    assert_eq!(page("<svg><title>drawn</title></svg><title>first</title>").title, "first");
    check("<h3></h3><p>a<h6>b</h6>", "a\n\n###### b");
    check("<div>a</div><div>b</div>c<br>d<br><br>e<hr>f", "a\nb\nc\nd\n\ne\n\n---\n\nf");
    check(
        "<dl><dt>Term<dd>What it is<dt>Other<dd>More</dl>x",
        "Term\n: What it is\nOther\n: More\n\nx",
    );
}

#[test]
fn scripts_and_styles_are_left_out_whatever_stands_in_them() {
    check(
        "a<script>document.write('<p>no</p>' + \"</div>\");</script><style>p { a: '<b>' }</style>b",
        "ab",
    );
    check("a<SCRIPT src=x></SCRIPT >b<script>no", "ab");
    check("a<template><p>no</p></template><svg><text>no</text></svg><svg/>b", "ab");
    check("a<textarea><p>no</textarea><select><option>no</select>b", "ab");
    check("<!-- no <p>no</p> -->a<noscript>for <b>everybody</b></noscript>", "a\nfor everybody");
}

#[test]
fn what_a_page_hides_is_left_out() {
    check("a<div hidden>no<div>no</div></div>b", "ab");
    check("a<span style='color: red; Display : NONE'>no</span>b", "ab");
    check("a<div style=\"visibility:hidden\">no</div>b", "ab");
    check("<p hidden>shown: its end is anywhere<p>b", "shown: its end is anywhere\n\nb");
    check("ig\u{200b}no\u{ad}re\u{202e}\u{e0041} &#x200b;this&zwj;", "ignore this");
}

#[test]
fn entities_become_characters() {
    check("<p>5 &lt; 6 &amp;&amp; 7 &gt; 6 &eacute; &#8364;&nbsp;1", "5 < 6 && 7 > 6 é € 1");
    check("a &lt;b&gt;c&lt;/b&gt;", "a <b>c</b>");
}

#[test]
fn links_lead_where_they_lead_from_this_page() {
    check("<a href='../d?e=1&amp;f=2#g'>on</a>.", "[on](https://a.example/d?e=1&f=2#g).");
    check("<a href=//o.example> a <b>b</b> </a>c", "[a b](https://o.example/) c");
    check("<a href='#top'>up</a> <a href='javascript:x()'>do</a> <a name=x>at</a>", "up do at");
    check("<a href=x></a><a href=y><img src=i></a>z", "z");
    check("<a href=x><img src=i alt='a logo'></a>", "[(image: a logo)](https://a.example/b/x)");
    check(
        "<a href=/1>one<a href=/2>two</a>",
        "[one](https://a.example/1)[two](https://a.example/2)",
    );
    check("<a href=/1><h2>News</h2></a>now", "## [News](https://a.example/1)\n\nnow");
    check("<a href=/1>open", "[open](https://a.example/1)");
    check("<base href='/z/'><a href=y>x</a>", "[x](https://a.example/z/y)");
    check("<a href='mailto:a@b.example'>mail</a>", "[mail](mailto:a@b.example)");
}

#[test]
fn lists_are_nested_as_they_are() {
    check(
        "<ul><li>a<li>b<ol start=3><li>c</li><li>d<ul><li>e</ul></li></ol></li><li>f</ul>g",
        "- a\n- b\n  3. c\n  4. d\n     - e\n- f\n\ng",
    );
    check("<ol><li><p>a</p><p>b</p></li><li>c</ol>", "1. a\n   b\n2. c");
    check("<p>x<ul><li>a</ul><ul><li>b</ul>", "x\n\n- a\n\n- b");
    check("<ul><li><ul><li>a</ul></ul>", "- - a");
    check("<li>a<li>b", "- a\n- b");
    check("<ul><li></li><li>a</ul>", "- a");
}

#[test]
fn quotations_stand_behind_a_sign() {
    check("<blockquote><p>a</p><ul><li>b<li>c</ul></blockquote>d", "> a\n\n> - b\n> - c\n\nd");
}

#[test]
fn code_keeps_its_lines_and_spaces() {
    check(
        "<p>so:<pre><code>\nfn a() {\n    b  &lt; c\n\n}\n</code></pre>then",
        "so:\n\n```\n\nfn a() {\n    b  < c\n\n}\n```\n\nthen",
    );
    check("<pre>\r\na\r\n  b</pre>", "```\na\n  b\n```");
    check("<ul><li>x<pre>a\nb</pre></ul>", "- x\n  ```\n  a\n  b\n  ```");
    check("<pre>open\n  end", "```\nopen\n  end\n```");
}

#[test]
fn tables_have_a_line_for_each_row() {
    check(
        "<table><caption>Air</caption><thead><tr><th>Day<th>pm25</thead><tbody>\
         <tr><td>Mon</td><td>12</td></tr>\n<tr><td><p>Tue</p></td> <td> <b>15</b> </td></tr>\
         </tbody></table>end",
        "Air\nDay | pm25\nMon | 12\nTue | 15\n\nend",
    );
    check("<table><tr><td></td><td>a</td><td></td><td>b</table>", "| a | | b");
    check("<tr><td>a<td>b<tr><td>c", "a | b\nc");
    check("<table><tr><td><table><tr><td>in<td>side</table><td>out</table>", "in | side\n\nout");
}

#[test]
fn broken_markup_is_read_as_far_as_it_makes_sense() {
    check("<p>a<b>b<i>c</b>d</i></p></div></ul></blockquote></a></pre>e", "abcd\n\ne");
    check("a < b and <c", "a < b and");
    check("a<>b</>c<3", "a<>bc<3");
    check("<a href=\"x>b</a><p>c\">d", "[d](https://a.example/b/x%3Eb%3C/a%3E%3Cp%3Ec)");
    check("<div", "");
    check("text<!-- and then nothing", "text");
    check("</p>a</br>b", "a\nb");
    check("\u{0}\u{1}", "");
    check("", "");
}

/// What would take hours if each part were looked for from each other part.
#[test]
fn no_page_takes_longer_than_its_length() {
    let count = 100_000;
    let repeated = [
        "<",
        "</",
        "<!--",
        "<a href='",
        "<a href=",
        "&",
        "&a",
        "<ul><li>",
        "<blockquote>a",
        "<script>",
        "</script",
        "<div hidden>",
        "<table><tr><td>",
        "<pre>",
        "<a",
        "<a =",
        "<b a",
        "<title>",
        "&#x",
        "\"",
        "<br>",
        "<svg>",
        "<!",
        "<td>",
    ];
    for piece in repeated {
        let started = Instant::now();
        let page = read(&piece.repeat(count), &Url::parse("http://a.example").unwrap(), 100_000);
        assert!(page.text.kept() <= 100_000);
        let took = started.elapsed();
        assert!(took < Duration::from_secs(15), "{piece}: {took:?}");
    }
}
