//! The program `oktaspec`: everything is in the library, so that tests can use it.

use std::process::ExitCode;

fn main() -> ExitCode {
    oktaspec::cli::main()
}
