//! Starting and stopping: binding the port, the connection to axum, the shared state.
//!
//! What a request is answered with is in `pipeline`.

use crate::accounts::{self, Account};
use crate::call::Call;
use crate::defects::{Flaws, UnknownDefect};
use crate::identifiers;
use crate::org::{Org, Setup};
use crate::pipeline;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::Response;
use std::fmt;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The longest body that is read; longer ones count as none.
const LONGEST_BODY: usize = 2 * 1024 * 1024;

/// What a server is started with.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The port; 0 for a free one.
    pub port: u16,
    /// Whether the test hooks are served.
    pub hooks: bool,
    /// The names of the defects to show.
    pub defects: Vec<String>,
    /// The API token; a random one if there is none.
    pub token: Option<String>,
}

/// Why a server didn't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Some names aren't defects.
    #[error("{}", Unknown(.0))]
    UnknownDefects(Vec<UnknownDefect>),
    /// The port couldn't be bound.
    #[error("could not listen on 127.0.0.1:{port}: {source}")]
    Bind {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
}

struct Unknown<'a>(&'a [UnknownDefect]);

impl fmt::Display for Unknown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, unknown) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str("; ")?;
            }
            write!(formatter, "unknown defect '{}'", unknown.name)?;
            if !unknown.near.is_empty() {
                write!(formatter, " (did you mean {}?)", unknown.near.join(", "))?;
            }
        }
        Ok(())
    }
}

/// A running server; it stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    token: String,
    accounts: Vec<Account>,
    running: JoinHandle<()>,
    // Dropping the sender is what tells the server to stop.
    stop: oneshot::Sender<()>,
}

impl Server {
    /// Binds 127.0.0.1 and serves on the current tokio runtime until dropped or stopped.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let flaws = Flaws::named(&config.defects).map_err(StartError::UnknownDefects)?;
        let bind = |source| StartError::Bind { port: config.port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).await.map_err(bind)?;
        let url = format!("http://{}", listener.local_addr().map_err(bind)?);
        let token = config.token.unwrap_or_else(identifiers::api_token);
        let org = Org::new(Setup { origin: url.clone(), token: token.clone(), hooks: config.hooks, flaws });
        let (stop, stopped) = oneshot::channel();
        Ok(Self { url, token, accounts: accounts::all(), running: tokio::spawn(serve(listener, org, stopped)), stop })
    }

    /// The address of the server, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The API token, as in `Authorization: SSWS <token>`.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The ready-made accounts.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Stops the server once the requests under way are answered.
    pub async fn stop(self) {
        drop(self.stop);
        // A panic in the server's task has nothing more to tell here.
        let _ = self.running.await;
    }
}

type Shared = Arc<Mutex<Org>>;

async fn serve(listener: TcpListener, org: Org, stopped: oneshot::Receiver<()>) {
    let router = Router::new().fallback(answer).with_state(Arc::new(Mutex::new(org)));
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
        // The sender is never used, only dropped.
        let _ = stopped.await;
    });
    // Serving ends without an error; connections have their own.
    let _ = serving.await;
}

async fn answer(State(org): State<Shared>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LONGEST_BODY).await.unwrap_or_else(|_| Bytes::new());
    let call = Call::new(parts.method, &parts.uri, parts.headers, body);
    let mut org = org.lock().unwrap_or_else(PoisonError::into_inner);
    pipeline::respond(&mut org, call)
}
