use super::*;
use std::cell::RefCell;
use std::collections::HashMap;

/// A page of the web that is not there.
#[derive(Clone, Default)]
struct Page {
    status: u16,
    fields: Vec<(&'static str, String)>,
    body: Vec<u8>,
    breaks: bool,
}

impl Page {
    fn new(content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let fields = vec![("content-type", content_type.to_owned())];
        Self { status: 200, fields, body: body.as_ref().to_vec(), breaks: false }
    }

    fn to(status: u16, location: impl Into<String>) -> Self {
        Self { status, fields: vec![("location", location.into())], ..Self::default() }
    }

    fn answering(status: u16) -> Self {
        Self { status, ..Self::new("text/html", "<p>what the server says of it") }
    }
}

impl Answer for Page {
    fn status(&self) -> u16 {
        self.status
    }

    fn field(&self, name: &str) -> Option<String> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone())
    }

    fn body(self, bytes_max: usize) -> Result<(Vec<u8>, bool), String> {
        if self.breaks {
            return Err("its answer broke off".to_owned());
        }
        let more = self.body.len() > bytes_max;
        Ok((self.body.into_iter().take(bytes_max).collect(), more))
    }
}

/// Pages by their URLs, and what was asked for. Hosts under `denied.example` are denied.
#[derive(Default)]
struct Web {
    pages: HashMap<String, Page>,
    asked: RefCell<Vec<String>>,
}

impl Web {
    fn of(pages: &[(&str, Page)]) -> Self {
        let pages = pages.iter().map(|(url, page)| ((*url).to_owned(), page.clone()));
        Self { pages: pages.collect(), asked: RefCell::default() }
    }
}

impl Client for Web {
    type Answer = Page;

    fn get(&self, url: &Url) -> Result<Page, NoAnswer> {
        if url.authority.ends_with("denied.example") {
            return Err(NoAnswer::Denied);
        }
        self.asked.borrow_mut().push(url.to_string());
        let page = self.pages.get(&url.to_string());
        page.cloned().ok_or_else(|| NoAnswer::Failed("nobody is there".to_owned()))
    }
}

fn error(pages: &[(&str, Page)], url: &str) -> ToolError {
    fetch(&Web::of(pages), url).unwrap_err()
}

#[test]
fn redirects_are_followed_and_told_and_each_is_asked_for() {
    let web = Web::of(&[
        ("http://a.example/", Page::to(301, "https://b.example/x/")),
        ("https://b.example/x/", Page::to(302, "../y?z")),
        ("https://b.example/y?z", Page::new("text/plain", "there")),
    ]);
    let text = fetch(&web, "http://a.example#top").unwrap();
    let head = "url: https://b.example/y?z\nredirected from: http://a.example/\n";
    assert_eq!(text, format!("{head}type: text/plain\n\nthere"));
    let asked = ["http://a.example/", "https://b.example/x/", "https://b.example/y?z"];
    assert_eq!(*web.asked.borrow(), asked);
}

#[test]
fn five_redirects_are_followed_and_not_a_sixth() {
    let urls: Vec<_> = (0..8).map(|number| format!("https://a.example/{number}")).collect();
    let mut pages: Vec<_> =
        (0..7).map(|at| (urls[at].as_str(), Page::to(308, urls[at + 1].clone()))).collect();
    pages.push((&urls[7], Page::new("text/plain", "the end")));
    let web = Web::of(&pages);
    assert!(fetch(&web, &urls[2]).unwrap().ends_with("the end"));
    web.asked.borrow_mut().clear();
    let Err(ToolError::Failed(why)) = fetch(&web, &urls[1]) else { panic!("it ends") };
    assert!(why.contains("url_not_accessible") && why.contains("more than 5"), "{why}");
    assert_eq!(web.asked.borrow().len(), REDIRECTS_MAX + 1);
}

#[test]
fn what_policy_denies_is_not_allowed_also_behind_a_redirect() {
    let denied = error(&[], "https://denied.example/secret");
    let ToolError::Denied(why) = denied else { panic!("{denied:?}") };
    assert!(why.contains("url_not_allowed") && why.contains("denied.example/secret"), "{why}");
    let pages = [("https://a.example/", Page::to(307, "//www.denied.example"))];
    let behind = error(&pages, "https://a.example/");
    let ToolError::Denied(why) = behind else { panic!("{behind:?}") };
    assert!(why.contains("url_not_allowed") && why.contains("where https://a.example/"), "{why}");
}

#[test]
fn a_redirect_to_another_scheme_or_out_of_tls_is_not_followed() {
    let to = |location: &str| {
        error(&[("https://a.example/", Page::to(302, location))], "https://a.example/")
    };
    for location in ["file:///etc/passwd", "javascript:alert(1)", "ftp://a.example/"] {
        let denied = to(location);
        assert!(matches!(denied, ToolError::Denied(why) if why.contains("url_not_allowed")));
    }
    let plain = to("http://a.example/plain");
    assert!(matches!(plain, ToolError::Failed(why) if why.contains("without TLS")));
    let nowhere = to("http://");
    assert!(matches!(nowhere, ToolError::Failed(why) if why.contains("url_not_accessible")));
    let long = to(&"x".repeat(9_000));
    assert!(matches!(long, ToolError::Failed(why) if why.len() < 700));
}

#[test]
fn an_answer_without_a_place_to_go_is_no_redirect() {
    let page = Page { status: 302, ..Page::default() };
    let stuck = error(&[("https://a.example/", page)], "https://a.example/");
    assert!(matches!(stuck, ToolError::Failed(why) if why.ends_with("answered 302")));
}

#[test]
fn a_status_that_is_no_success_is_an_error_with_its_number() {
    let of = |status: u16| {
        error(&[("https://a.example/", Page::answering(status))], "https://a.example")
    };
    for status in [404, 410] {
        let gone = of(status);
        assert!(matches!(gone, ToolError::NotFound(why) if why.contains(&status.to_string())));
    }
    assert!(matches!(of(429), ToolError::Failed(why) if why.starts_with("too_many_requests")));
    for status in [400, 401, 403, 500, 503, 304] {
        let failed = of(status);
        let expected = format!("url_not_accessible: https://a.example/ answered {status}");
        assert_eq!(failed, ToolError::Failed(expected));
    }
}

#[test]
fn other_media_types_are_refused_with_what_they_are_and_not_read() {
    let of = |page: Page| error(&[("https://a.example/", page)], "https://a.example/");
    for name in ["image/png", "application/pdf", "application/octet-stream", "video/mp4"] {
        let refused = of(Page { breaks: true, ..Page::new(name, "") });
        let ToolError::Failed(why) = refused else { panic!("{refused:?}") };
        assert!(why.starts_with("unsupported_content_type") && why.contains(name), "{why}");
    }
    let mut packed = Page::new("text/html", "x");
    packed.fields.push(("content-encoding", "gzip".to_owned()));
    assert!(matches!(of(packed), ToolError::Failed(why) if why.contains("packed (gzip)")));
    let other = Page::new("text/html; charset=koi8-r", "x");
    assert!(matches!(of(other), ToolError::Failed(why) if why.contains("koi8-r")));
    let binary = Page::new("text/plain", b"\0\x01");
    assert!(matches!(of(binary), ToolError::Failed(why) if why.contains("is no text")));
}

#[test]
fn a_page_is_read_up_to_a_limit_and_one_that_breaks_off_is_an_error() {
    let long = Page::new("text/plain", vec![b'x'; PAGE_BYTES_MAX + 1]);
    let text = fetch(&Web::of(&[("https://a.example/", long)]), "https://a.example/").unwrap();
    assert!(text.ends_with("of 4194304 characters of the first 4194304 bytes of the page]"));
    let broken = Page { breaks: true, ..Page::new("text/plain", "x") };
    let broken = error(&[("https://a.example/", broken)], "https://a.example/");
    assert!(matches!(broken, ToolError::Failed(why) if why.contains("broke off")));
}
