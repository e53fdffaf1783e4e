//! Sends requests to one target and brings back what came of them. Redirects are not followed, nothing is decompressed, and nothing
//! is sent twice: only where a kept connection turns out to be closed before a byte of the request was written, the client opens
//! another. Beside this file only `headers` and `failure` know the HTTP client.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::header::HeaderValue;
use reqwest::{Client, Method, redirect, retry};

use crate::exchange::cookies::CookieJar;
use crate::exchange::failure::reason;
use crate::exchange::headers;
use crate::exchange::origin::TargetOrigin;
use crate::exchange::pace::Pace;
use crate::wire::exchange::{Exchange, Request, Response};

/// Shorter than servers keep connections open, so that no request meets one that is just being closed.
const IDLE: Duration = Duration::from_secs(4);

/// How a target is spoken to.
#[derive(Clone)]
pub struct TransportOptions {
    /// The address of the target; its path, if any, does not matter.
    pub origin: String,
    /// The API token.
    pub token: Option<String>,
    /// How long an answer is waited for, its body included.
    pub timeout: Duration,
    /// Bytes of the largest body that is read.
    pub max_body: usize,
    /// Whether requests keep under the limits that the target announces.
    pub pace: bool,
    /// How long a request is held back at most to keep under them.
    pub longest_wait: Duration,
    /// The `user-agent` header.
    pub user_agent: String,
    /// Whether other origins may be asked as well; they never see the token or a cookie.
    pub other_origins: bool,
}

impl TransportOptions {
    /// The usual options for a target.
    #[must_use]
    pub fn new(origin: impl Into<String>) -> Self {
        Self {
            origin: origin.into(),
            token: None,
            timeout: Duration::from_secs(30),
            max_body: 8 * 1024 * 1024,
            pace: true,
            longest_wait: Duration::from_secs(120),
            user_agent: concat!("oktaspec/", env!("CARGO_PKG_VERSION")).to_owned(),
            other_origins: false,
        }
    }
}

/// Who sends a request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sender<'a> {
    /// Whether the API token goes along.
    pub authenticated: bool,
    /// The cookies of the case.
    pub cookies: Option<&'a CookieJar>,
    /// Names of headers, in lower case, that are not added although they usually are.
    pub without: &'a [String],
}

/// Why no target can be spoken to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The address is none.
    #[error("`{address}` is no address of a target, expected `https://` or `http://` and a host")]
    Address {
        /// What was given.
        address: String,
    },
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
    /// The token cannot stand in a header.
    #[error("the API token has characters that no header can hold")]
    Token,
}

/// The connections to one target.
pub struct Transport {
    client: Client,
    origin: TargetOrigin,
    options: TransportOptions,
    token: Option<HeaderValue>,
    pace: Option<Pace>,
}

impl Transport {
    /// Prepares to speak to a target. Nothing is sent yet.
    ///
    /// # Errors
    /// An address or a token that cannot be used, or no usable TLS configuration.
    pub fn new(options: TransportOptions) -> Result<Self, TransportError> {
        let origin = TargetOrigin::parse(&options.origin, options.other_origins)
            .ok_or_else(|| TransportError::Address { address: options.origin.clone() })?;
        let token = match &options.token {
            Some(token) => Some(headers::token(token).ok_or(TransportError::Token)?),
            None => None,
        };
        let pace = options.pace.then(|| Pace::new(options.longest_wait));
        Ok(Self { client: client(&options, &origin)?, origin, options, token, pace })
    }

    /// Sends a request and waits for the answer. The exchange shows the request with all headers that were added; the token stands
    /// there as `[secret]`. A request to an origin that is not allowed is not sent.
    pub async fn send(&self, mut request: Request, sender: Sender<'_>) -> Exchange {
        let is_own = match self.origin.owns(&request.url) {
            Ok(is_own) => is_own,
            Err(reason) => return unsent(request, reason),
        };
        let sender = if is_own { sender } else { Sender { authenticated: false, cookies: None, ..sender } };
        if !is_own {
            headers::strip_credentials(&mut request);
        }
        let is_asked_for = sender.authenticated && headers::is_missing(&request, &sender, "authorization");
        let token = self.token.as_ref().filter(|_| is_asked_for);
        headers::complete(&mut request, &sender, &self.options.user_agent, token.is_some());
        let prepared = match self.prepare(&request, token) {
            Ok(prepared) => prepared,
            Err(reason) => return unsent(request, reason),
        };
        let permit = match self.pace.as_ref().filter(|_| is_own) {
            None => None,
            Some(pace) => match pace.admit(&request).await {
                Ok(permit) => Some(permit),
                Err(reason) => return unsent(request, reason),
            },
        };
        let (sent_at, start) = (milliseconds_since_1970(), Instant::now());
        let answer = self.answer(prepared).await;
        let took = milliseconds(start.elapsed());
        if let Ok(response) = &answer {
            if let Some(permit) = permit {
                permit.answered(response);
            }
            if let Some(cookies) = sender.cookies {
                cookies.store(request.path(), response);
            }
        }
        Exchange { request, answer, sent_at, took }
    }

    fn prepare(&self, request: &Request, token: Option<&HeaderValue>) -> Result<reqwest::Request, String> {
        let method =
            Method::from_bytes(request.method.as_bytes()).map_err(|_| format!("`{}` is no method", request.method))?;
        let headers = headers::for_client(&request.headers, token)?;
        let mut builder = self.client.request(method, &request.url).headers(headers);
        if !request.body.is_none() {
            builder = builder.body(request.body.to_text());
        }
        builder.build().map_err(|error| reason(&error, self.options.timeout, &request.url))
    }

    async fn answer(&self, request: reqwest::Request) -> Result<Response, String> {
        let authority = request.url().authority().to_owned();
        let failed = |error: reqwest::Error| reason(&error, self.options.timeout, &authority);
        let mut response = self.client.execute(request).await.map_err(failed)?;
        let status = response.status().as_u16();
        let headers = headers::of_answer(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > self.options.max_body {
                return Err(format!("the body is larger than {} bytes", self.options.max_body));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

fn client(options: &TransportOptions, origin: &TargetOrigin) -> Result<Client, TransportError> {
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .http1_only()
        .timeout(options.timeout)
        .pool_idle_timeout(IDLE);
    if origin.is_loopback() {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| TransportError::Client(reason(&error, options.timeout, &options.origin)))
}

fn unsent(request: Request, reason: String) -> Exchange {
    Exchange { request, answer: Err(reason), sent_at: milliseconds_since_1970(), took: 0 }
}

fn milliseconds_since_1970() -> u64 {
    milliseconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchange::listener::Listener;
    use crate::wire::exchange::Body;

    const OK: &str =
        "HTTP/1.1 200 OK\r\nX-Two: 1\r\nx-two: 2\r\nset-cookie: sid=abc; Path=/\r\ncontent-length: 2\r\n\r\n{}";

    fn transport(target: &str) -> Transport {
        Transport::new(options(target)).unwrap()
    }

    fn options(target: &str) -> TransportOptions {
        TransportOptions {
            token: Some("00abcSecret".into()),
            timeout: Duration::from_millis(800),
            max_body: 1_000,
            ..TransportOptions::new(target)
        }
    }

    fn request(url: impl Into<String>) -> Request {
        Request { method: "GET".into(), url: url.into(), headers: Vec::new(), body: Body::None }
    }

    #[tokio::test]
    async fn a_request_goes_out_as_it_is_and_the_answer_comes_back_as_it_is() {
        let target = Listener::answering(OK).await;
        let mut request = request(format!("{}/api/v1/authn?a=b", target.origin));
        request.method = "POST".into();
        request.body = Body::Json(json!({"username": "ada"}));
        let sender = Sender { authenticated: true, ..Sender::default() };
        let exchange = transport(&target.origin).send(request, sender).await;
        let sent = &target.requests()[0];
        assert!(sent.starts_with("POST /api/v1/authn?a=b HTTP/1.1\r\n"), "{sent}");
        assert!(sent.contains("authorization: SSWS 00abcSecret\r\n"));
        assert!(sent.contains("content-type: application/json\r\n") && sent.contains("accept: application/json\r\n"));
        assert!(!sent.to_lowercase().contains("accept-encoding"));
        assert!(sent.ends_with("\r\n\r\n{\"username\":\"ada\"}"));
        assert!(!serde_json::to_string(&exchange).unwrap().contains("00abcSecret"));
        assert!(exchange.request.headers.contains(&("authorization".into(), "SSWS [secret]".into())));
        let response = exchange.answer.unwrap();
        assert_eq!((response.status, response.body.as_str()), (200, "{}"));
        let twice: Vec<&str> =
            response.headers.iter().filter(|(name, _)| name == "x-two").map(|(_, value)| value.as_str()).collect();
        assert_eq!(twice, ["1", "2"]);
    }

    #[tokio::test]
    async fn cookies_belong_to_one_case() {
        let target = Listener::answering(OK).await;
        let (transport, jar) = (transport(&target.origin), CookieJar::default());
        let with_jar = Sender { cookies: Some(&jar), ..Sender::default() };
        transport.send(request(&target.origin), with_jar).await;
        transport.send(request(&target.origin), with_jar).await;
        transport.send(request(&target.origin), Sender::default()).await;
        let sent: Vec<bool> = target.requests().iter().map(|sent| sent.contains("cookie: sid=abc\r\n")).collect();
        assert_eq!(sent, [false, true, false]);
    }

    #[tokio::test]
    async fn another_origin_never_sees_the_token_or_a_cookie() {
        let (target, stranger) = (Listener::answering(OK).await, Listener::answering(OK).await);
        let jar = CookieJar::default();
        let sender = Sender { authenticated: true, cookies: Some(&jar), without: &[] };
        let strict = transport(&target.origin);
        strict.send(request(&target.origin), sender).await;
        assert!(target.requests()[0].contains("00abcSecret"));

        let refused = strict.send(request(&stranger.origin), sender).await;
        assert!(refused.answer.unwrap_err().contains("is not on the target's origin"));
        assert!(stranger.requests().is_empty());

        let open = Transport::new(TransportOptions { other_origins: true, ..options(&target.origin) }).unwrap();
        let mut bold = request(&stranger.origin);
        bold.headers = vec![("Authorization".into(), "SSWS own".into()), ("cookie".into(), "sid=abc".into())];
        let stored = jar.header("/");
        assert!(open.send(bold, sender).await.answer.is_ok());
        let seen = stranger.requests().concat().to_lowercase();
        assert!(seen.starts_with("get / http/1.1"), "{seen}");
        assert!(!seen.contains("ssws") && !seen.contains("authorization") && !seen.contains("cookie"), "{seen}");
        assert_eq!(jar.header("/"), stored);
    }

    #[tokio::test]
    async fn redirects_are_not_followed() {
        let stranger = Listener::answering(OK).await;
        let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {}/\r\ncontent-length: 0\r\n\r\n", stranger.origin);
        let target = Listener::answering(redirect).await;
        let exchange = transport(&target.origin).send(request(&target.origin), Sender::default()).await;
        assert_eq!(exchange.answer.unwrap().status, 302);
        assert!(stranger.requests().is_empty());
    }

    #[tokio::test]
    async fn nothing_is_sent_twice() {
        let target = Listener::closing("").await;
        let transport = transport(&target.origin);
        let exchange = transport.send(request(&target.origin), Sender::default()).await;
        assert_eq!(exchange.answer.unwrap_err(), "the connection closed before an answer");
        assert_eq!(target.requests().len(), 1);
    }

    #[tokio::test]
    async fn a_connection_that_the_target_closed_is_opened_again() {
        let target = Listener::closing(OK).await;
        let transport = transport(&target.origin);
        for _ in 0..3 {
            assert!(transport.send(request(&target.origin), Sender::default()).await.answer.is_ok());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(target.requests().len(), 3);
    }

    #[tokio::test]
    async fn failures_are_short_sentences() {
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", free.local_addr().unwrap());
        let silent = transport(&origin).send(request(&origin), Sender::default()).await.answer.unwrap_err();
        assert_eq!(silent, format!("nothing came from `{}` within 0.8 s", &origin[7..]));
        drop(free);
        let refused = transport(&origin).send(request(&origin), Sender::default()).await.answer.unwrap_err();
        assert_eq!(refused, format!("`{}` refused the connection", &origin[7..]));
        let large = format!("HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n{}", "x".repeat(1001));
        let large = Listener::answering(large).await.origin;
        let large = transport(&large).send(request(&large), Sender::default()).await.answer.unwrap_err();
        assert_eq!(large, "the body is larger than 1000 bytes");
        let torn = Listener::closing("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx").await.origin;
        let torn = transport(&torn).send(request(&torn), Sender::default()).await.answer.unwrap_err();
        assert_eq!(torn, "the connection closed before the end of the body");
        let unknown = "http://no-such-host.invalid";
        let failed = transport(unknown).send(request(unknown), Sender::default()).await.answer.unwrap_err();
        assert!(failed.contains("`no-such-host.invalid`"), "{failed}");
    }

    #[tokio::test]
    async fn tls_is_ready_and_its_failures_are_named() {
        let target = Listener::answering("HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let secure = target.origin.replace("http:", "https:");
        let failed = transport(&secure).send(request(&secure), Sender::default()).await.answer.unwrap_err();
        assert!(failed.starts_with("no TLS connection to `127.0.0.1:"), "{failed}");
    }

    #[tokio::test]
    async fn bytes_that_are_not_text_are_replaced() {
        let target = Listener::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na\xffb".to_vec()).await;
        let exchange = transport(&target.origin).send(request(&target.origin), Sender::default()).await;
        assert_eq!(exchange.answer.unwrap().body, "a\u{fffd}b");
    }

    #[test]
    fn what_cannot_be_a_target_is_said() {
        let error = Transport::new(TransportOptions::new("org.example")).err().unwrap();
        assert_eq!(
            error.to_string(),
            "`org.example` is no address of a target, expected `https://` or `http://` and a host"
        );
        let bad_token = TransportOptions { token: Some("a\nb".into()), ..TransportOptions::new("http://127.0.0.1:1") };
        assert!(matches!(Transport::new(bad_token), Err(TransportError::Token)));
    }
}
