//! Asks for a host, and sends it a request.

use hostile_kit::wasi::http::outgoing_handler::handle;
use hostile_kit::wasi::http::types::{Fields, OutgoingRequest, Scheme};

fn http(_input: &str) -> String {
    let request = OutgoingRequest::new(Fields::new());
    let _ = request.set_scheme(Some(&Scheme::Http));
    let _ = request.set_authority(Some("example.org"));
    format!("{:?}", handle(request, None).map(|_| "sent"))
}

hostile_kit::attack!(http);
