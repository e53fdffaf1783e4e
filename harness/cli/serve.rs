//! `oktaspec serve`.

use okta_reference::{Config, HOOKS_OPENAPI, HOOKS_PREFIX, Server, defects};

use crate::cli::arguments::ServeArguments;
use crate::cli::{End, complain};

/// Starts the embedded reference server alone, until it is interrupted.
pub(crate) fn serve(arguments: &ServeArguments) -> End {
    if arguments.list_defects {
        let lines: Vec<String> =
            defects().iter().map(|defect| format!("{}: {}", defect.name, defect.sentence)).collect();
        anstream::println!("{}", lines.join("\n"));
        return End::Conforms;
    }
    if arguments.hooks_contract {
        anstream::print!("{HOOKS_OPENAPI}");
        return End::Conforms;
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("no runtime: {error}"));
            return End::Inconclusive;
        }
    };
    runtime.block_on(async {
        let config = Config {
            port: arguments.port,
            hooks: arguments.hooks,
            defects: arguments.defect.clone(),
            token: std::env::var("OKTA_CLIENT_TOKEN").ok().filter(|token| !token.is_empty()),
        };
        let server = match Server::start(config).await {
            Ok(server) => server,
            Err(error) => {
                complain(&error.to_string());
                return End::Usage;
            }
        };
        anstream::println!("url: {}", server.url());
        anstream::println!("token: {}", server.token());
        if arguments.hooks {
            anstream::println!("hooks: {}{HOOKS_PREFIX}", server.url());
        }
        for account in server.accounts() {
            anstream::println!(
                "account: {} password {} status {}{}",
                account.login,
                account.password,
                account.status,
                if account.note.is_empty() { String::new() } else { format!(" ({})", account.note) }
            );
        }
        let _ = tokio::signal::ctrl_c().await;
        server.stop().await;
        End::Conforms
    })
}
