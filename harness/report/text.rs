//! Lines of text with tones, the common ground of the reports. What comes from a target is made visible here, so that no answer can
//! move a cursor, recolour a terminal or break a file format; how long texts get is bounded here as well.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

/// Lines of a body that are shown.
const BODY_LINES: usize = 40;

/// Bytes of a body that are shown.
const BODY_BYTES: usize = 4096;

/// Why a part of a line stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It is wrong.
    Bad,
    /// It is as it should be.
    Good,
    /// It is ordinary text.
    Plain,
    /// It is there for those who look for it.
    Quiet,
    /// It leads the eye.
    Strong,
    /// Nobody knows, or somebody should look.
    Unsure,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Plain => Style::new(),
            Self::Quiet => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
            Self::Unsure => AnsiColor::Yellow.on_default(),
        }
    }
}

/// Lines of text with tones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Text {
    lines: Vec<Vec<(Tone, String)>>,
}

impl Text {
    /// Adds a line of parts, indented by so many blanks. Line breaks and control characters in the parts become visible escapes.
    pub(crate) fn line(&mut self, indent: usize, parts: &[(Tone, &str)]) {
        let mut line = vec![(Tone::Plain, " ".repeat(indent))];
        line.extend(parts.iter().map(|(tone, text)| (*tone, visible(text).into_owned())));
        self.lines.push(line);
    }

    /// Adds an empty line.
    pub(crate) fn blank(&mut self) {
        self.lines.push(Vec::new());
    }

    /// Adds a body, cut to what a reader can take in, with a note of what was cut.
    pub(crate) fn body(&mut self, indent: usize, body: &str) {
        let mut bytes = 0;
        let mut cut = false;
        for (index, line) in body.lines().enumerate() {
            let room = BODY_BYTES.saturating_sub(bytes);
            if index == BODY_LINES || room == 0 {
                cut = true;
                break;
            }
            let part = beginning(line, room);
            self.line(indent, &[(Tone::Plain, part)]);
            bytes += part.len() + 1;
            cut |= part.len() < line.len();
        }
        if cut {
            let lines = body.lines().count();
            let note = format!("… cut here; all of it has {} and {}", count(lines, "line", "lines"), size(body.len()));
            self.line(indent, &[(Tone::Quiet, &note)]);
        }
    }

    /// Adds the lines of another text.
    pub(crate) fn append(&mut self, other: Self) {
        self.lines.extend(other.lines);
    }

    /// The text without tones, every line ended.
    pub(crate) fn plain(&self) -> String {
        let mut plain = String::new();
        for line in &self.lines {
            for (_, part) in line {
                plain.push_str(part);
            }
            plain.truncate(plain.trim_end_matches(' ').len());
            plain.push('\n');
        }
        plain
    }

    /// Writes the text, in colour when asked to.
    pub(crate) fn write(&self, writer: &mut dyn Write, colour: bool) -> io::Result<()> {
        if !colour {
            return writer.write_all(self.plain().as_bytes());
        }
        for line in &self.lines {
            for (tone, part) in line {
                let style = tone.style();
                write!(writer, "{style}{part}{style:#}")?;
            }
            writer.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// As many whole characters as fit into so many bytes.
fn beginning(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The text on one line, with everything that a terminal or an XML reader would not show as itself written as an escape.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            hidden if is_hidden(hidden) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(hidden));
            }
            other => shown.push(other),
        }
    }
    Cow::Owned(shown)
}

/// Control characters, and the invisible ones that reorder or break the text around them.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// The beginning of a text, with a note of its length when it is longer than the limit in characters.
pub(crate) fn shorten(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some((end, _)) => {
            let beginning = &text[..end];
            Cow::Owned(format!("{beginning}… ({} in all)", size(text.len())))
        }
    }
}

/// Up to so many names, and how many more there are.
pub(crate) fn names<'a>(names: impl IntoIterator<Item = &'a str>, limit: usize) -> String {
    let all: Vec<&str> = names.into_iter().collect();
    let shown = all[..all.len().min(limit)].join(", ");
    if all.len() > limit { format!("{shown} and {} more", number(all.len() - limit)) } else { shown }
}

/// A number and its noun.
pub(crate) fn count(amount: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(amount), if amount == 1 { one } else { many })
}

/// A number with a comma at the thousands.
pub(crate) fn number(amount: usize) -> String {
    let digits = amount.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A span of time given in milliseconds.
pub(crate) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        0..4_096 => count(bytes, "byte", "bytes"),
        4_096..1_048_576 => format!("{} kB", number(bytes / 1_024)),
        _ => format!("{} MB", number(bytes / 1_048_576)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_move_a_terminal_becomes_visible() {
        assert_eq!(visible("\u{1b}[31mred\u{7}\r\n\tend"), "\\u{1b}[31mred\\u{7}\\r\\n\\tend");
        assert_eq!(visible("\u{9b}2J\u{7f}"), "\\u{9b}2J\\u{7f}");
        assert_eq!(visible("user\u{202e}gpj.exe\u{200b}\u{feff}"), "user\\u{202e}gpj.exe\\u{200b}\\u{feff}");
        assert_eq!(visible("ä “quoted” 日本 🙂"), "ä “quoted” 日本 🙂");
    }

    #[test]
    fn long_bodies_are_cut_by_lines_and_by_bytes_between_characters() {
        let mut text = Text::default();
        text.body(2, &"x\n".repeat(100));
        let plain = text.plain();
        assert_eq!(plain.lines().count(), BODY_LINES + 1);
        assert!(plain.ends_with("  … cut here; all of it has 100 lines and 200 bytes\n"), "{plain}");

        let mut text = Text::default();
        text.body(0, &"日".repeat(2_000_000));
        let plain = text.plain();
        assert!(plain.len() < BODY_BYTES + 100);
        assert!(plain.ends_with("… cut here; all of it has 1 line and 5 MB\n"));
    }

    #[test]
    fn bodies_that_fit_are_whole() {
        let mut text = Text::default();
        text.body(0, &"x\n".repeat(BODY_LINES));
        assert!(!text.plain().contains('…'));
        text.body(0, "");
        assert_eq!(text.plain().lines().count(), BODY_LINES);
    }

    #[test]
    fn colour_is_all_or_nothing() {
        let mut text = Text::default();
        text.line(1, &[(Tone::Bad, "DEVIATES"), (Tone::Plain, " x")]);
        let (mut coloured, mut plain) = (Vec::new(), Vec::new());
        text.write(&mut coloured, true).unwrap();
        text.write(&mut plain, false).unwrap();
        assert!(coloured.contains(&0x1b));
        assert_eq!(plain, b" DEVIATES x\n");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!((number(7), number(1_000), number(1_234_567)), ("7".into(), "1,000".into(), "1,234,567".into()));
        assert_eq!(
            (duration(12), duration(12_345), duration(200_000)),
            ("12 ms".into(), "12.3 s".into(), "3 min 20 s".into())
        );
        assert_eq!(names(["a", "b", "c"], 2), "a, b and 1 more");
        assert_eq!(shorten("abcdef", 3), "abc… (6 bytes in all)");
    }
}
