//! A first look: the server starts, answers and stops.

use okta_reference::{Config, Server};

#[tokio::test]
async fn a_server_starts_answers_and_stops() {
    let server = Server::start(Config::default()).await.expect("a free port");
    let client = reqwest::Client::new();
    let address = format!("{}/api/v1/users", server.url());
    let answer = client
        .get(&address)
        .header("authorization", format!("SSWS {}", server.token()))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    drop(client);
    server.stop().await;
    assert!(reqwest::get(&address).await.is_err());
}
