//! The command line: arguments, environment and files are read here and nowhere else, and become plain data for the rest.

mod arguments;
mod audit;
pub mod embedded;
mod explain;
mod lint;
mod list;
mod load;
mod run;
mod selected;
mod serve;
mod target;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

/// How a command ends: what the process tells its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Everything conforms, perhaps with variances.
    Conforms,
    /// Something deviates.
    Deviates,
    /// The command line, or a file it names, cannot be understood.
    Usage,
    /// The specification is invalid.
    SpecInvalid,
    /// The target cannot be reached, or nothing can be said about something.
    Inconclusive,
    /// Nothing ran.
    NothingRan,
}

impl End {
    /// The exit code, as the README lists it.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Conforms => 0,
            Self::Deviates => 1,
            Self::Usage => 2,
            Self::SpecInvalid => 3,
            Self::Inconclusive => 4,
            Self::NothingRan => 5,
        }
    }
}

/// Does what the command line says.
#[must_use]
pub fn main() -> ExitCode {
    let command = Arguments::parse().command.or_else(|| Arguments::parse_from(["oktaspec", "run"]).command);
    let Some(command) = command else {
        return ExitCode::from(End::Usage.code());
    };
    let end = match command {
        Command::Audit(arguments) => audit::audit(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Lint(arguments) => lint::lint(&arguments),
        Command::List(arguments) => list::list(&arguments),
        Command::Replay(arguments) => run::replay(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Serve(arguments) => serve::serve(&arguments),
    };
    ExitCode::from(end.code())
}

/// Whether output may be coloured.
fn colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::io::IsTerminal::is_terminal(&std::io::stdout())
}

/// Shows a message of the program itself.
fn complain(message: &str) {
    anstream::eprintln!("oktaspec: {message}");
}
