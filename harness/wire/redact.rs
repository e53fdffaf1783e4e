//! Takes secrets out of what is shown: a value that was sent as a secret is replaced wherever it stands, also where a server echoed it.

/// Values that must not be shown.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    values: Vec<String>,
}

impl Secrets {
    /// What stands in a report in place of a secret.
    pub const PLACEHOLDER: &'static str = "[secret]";

    /// Adds a value; very short ones would hide ordinary text and are left out.
    pub fn add(&mut self, value: &str) {
        if value.len() >= 6 && !self.values.iter().any(|known| known == value) {
            self.values.push(value.to_owned());
        }
    }

    /// The text without any of the values.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        let mut scrubbed = text.to_owned();
        for value in &self.values {
            if scrubbed.contains(value.as_str()) {
                scrubbed = scrubbed.replace(value.as_str(), Self::PLACEHOLDER);
            }
        }
        scrubbed
    }

    /// Whether there is nothing to hide.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
