//! Where requests go, and where not.

use crate::scene::{FORMATS, ask, attached, model};
use crate::server::{Reply, Server, exchanges};

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for format in FORMATS {
        let other = Server::start(vec![exchanges(format.attachments())[0].reply.clone()]).await;
        for status in [301, 302, 307, 308] {
            let mut moved = Reply::new(status, "text/plain", "");
            moved.headers.push(("location".into(), format!("{}/v1/x?y=z", other.url)));
            let server = Server::start(vec![moved]).await;
            let error = ask(&format.model(&server.url), &attached()).await.0.unwrap_err();
            assert!(!error.kind.is_transient(), "{error}");
            assert!(error.failure.message.contains(&status.to_string()), "{error}");
        }
        assert_eq!(other.seen().len(), 0, "a key does not go to another server");
    }
}

#[tokio::test]
async fn a_proxy_is_used_when_the_settings_name_one() {
    for format in FORMATS {
        let good = exchanges(format.attachments());
        let proxy = Server::start(vec![good[0].reply.clone()]).await;
        let mut settings = format.settings("http://models.invalid");
        settings.proxy = Some(proxy.url.clone());
        ask(&model(settings), &attached()).await.0.unwrap();
        let seen = proxy.seen();
        let path = &good[0].path;
        assert_eq!(seen[0].line, format!("POST http://models.invalid{path} HTTP/1.1"));
    }
}

#[tokio::test]
async fn a_base_url_may_end_in_its_version() {
    for format in FORMATS {
        let good = exchanges(format.attachments());
        for end in ["", "/", "/v1", "/v1/"] {
            let server = Server::start(vec![good[0].reply.clone()]).await;
            ask(&format.model(&format!("{}{end}", server.url)), &attached()).await.0.unwrap();
            assert_eq!(server.seen()[0].line, format!("POST {} HTTP/1.1", good[0].path));
        }
    }
}
