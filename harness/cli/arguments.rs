//! What can be said on the command line.

use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand};

/// A conformance test harness for Okta-compatible endpoints.
///
/// Without a command, every rule runs against the embedded reference server.
#[derive(Debug, Parser)]
#[command(name = "oktaspec", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge recorded traffic (vcrpy cassettes) by the laws, the catalogue and what states claim.
    Audit(AuditArguments),
    /// Show what a rule claims, on which source, by which path it is reached, and one drawn case.
    Explain(ExplainArguments),
    /// Check specifications and report every problem at once.
    Lint(LintArguments),
    /// List every rule; needs no target.
    List(ListArguments),
    /// Run one case again, by the key that a report shows.
    Replay(ReplayArguments),
    /// Run rules against a target.
    Run(RunArguments),
    /// Start the embedded reference server alone.
    Serve(ServeArguments),
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SpecArguments {
    /// A folder with rules of your own, added to those that the program carries.
    #[arg(long, value_name = "DIR")]
    pub(crate) specs: Vec<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct TargetArguments {
    /// The address of the target; else OKTA_CLIENT_ORGURL, else the embedded reference server. The API token comes from
    /// OKTA_CLIENT_TOKEN or a target file, never from the command line.
    #[arg(long, value_name = "URL")]
    pub(crate) target: Option<String>,
    /// A file that describes the target.
    #[arg(long, value_name = "FILE")]
    pub(crate) target_file: Option<PathBuf>,
    /// The target may be changed: without this nothing is created, changed, locked or deleted there.
    #[arg(long)]
    pub(crate) disposable: bool,
    /// State what nobody can read, such as `org.engine=classic`.
    #[arg(long, value_name = "FACT=VALUE")]
    pub(crate) state: Vec<String>,
    /// The address below which the target offers the hooks.
    #[arg(long, value_name = "URL")]
    pub(crate) hooks: Option<String>,
    /// How long a wait may take where the target has no clock hook, such as `30s`.
    #[arg(long, value_name = "TIME")]
    pub(crate) patience: Option<String>,
    /// Switch on a defect of the embedded reference server; see `serve --list-defects`.
    #[arg(long, value_name = "NAME")]
    pub(crate) defect: Vec<String>,
    /// Seconds that an answer is waited for.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) timeout: u64,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RunArguments {
    /// Rules to run: full names, parts of names, or patterns with `*`. All, where none is given.
    #[arg(value_name = "RULE")]
    pub(crate) rules: Vec<String>,
    #[command(flatten)]
    pub(crate) specs: SpecArguments,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
    /// The seed; the same seed gives the same plans and the same drawn values.
    #[arg(long, value_name = "TEXT")]
    pub(crate) seed: Option<String>,
    /// How often what can be drawn is drawn: 16 on the embedded server, 1 elsewhere.
    #[arg(long, value_name = "N", value_parser = at_least_one())]
    pub(crate) cases: Option<usize>,
    /// How many cases run at a time.
    #[arg(long, value_name = "N", value_parser = at_least_one())]
    pub(crate) jobs: Option<usize>,
    /// Exchanges that making one failing case smaller may take.
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub(crate) shrink: usize,
    /// Variances deviate.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Write a report: `json=FILE` (the event log), `junit=FILE`, or `github` (annotations on stdout).
    #[arg(long, value_name = "KIND=FILE")]
    pub(crate) report: Vec<String>,
    /// Show every rule.
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ReplayArguments {
    /// The key of the case, such as `authn/sign-in.wrong-password#0.3@5f2a`.
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) specs: SpecArguments,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
    /// Variances deviate.
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ListArguments {
    /// Rules to list: full names, parts of names, or patterns with `*`. All, where none is given.
    #[arg(value_name = "RULE")]
    pub(crate) rules: Vec<String>,
    #[command(flatten)]
    pub(crate) specs: SpecArguments,
    /// Show what each claims.
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ExplainArguments {
    /// The rule.
    pub(crate) rule: String,
    #[command(flatten)]
    pub(crate) specs: SpecArguments,
    /// The seed of the drawn case.
    #[arg(long, value_name = "TEXT", default_value = "explain")]
    pub(crate) seed: String,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct LintArguments {
    /// Files and folders to check together with the rules that the program carries; only those, where none is given.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Leave the rules that the program carries out.
    #[arg(long)]
    pub(crate) alone: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArguments {
    /// The port; a free one, where none is given.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// Offer the hooks (clock, faults, settings, reset).
    #[arg(long)]
    pub(crate) hooks: bool,
    /// Switch on a defect.
    #[arg(long, value_name = "NAME")]
    pub(crate) defect: Vec<String>,
    /// List the defects, one a line, and stop.
    #[arg(long)]
    pub(crate) list_defects: bool,
    /// Show the contract of the hooks, an OpenAPI document, and stop.
    #[arg(long)]
    pub(crate) hooks_contract: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct AuditArguments {
    /// Recordings.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) specs: SpecArguments,
    /// Write a report: `json=FILE`.
    #[arg(long, value_name = "KIND=FILE")]
    pub(crate) report: Vec<String>,
}

fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}
