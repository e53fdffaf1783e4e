//! Where something stands in a specification file: the file, and the byte range in it. Knows nothing of what stands there.

use std::fmt;

/// A specification file as it was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as it is shown to the reader, relative to the folder that was loaded.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// A byte range in one of the loaded files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Place {
    /// Index into the list of loaded files.
    pub file: usize,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// All loaded files: turns a [`Place`] into a line and a column.
#[derive(Debug, Clone, Default)]
pub struct Files {
    files: Vec<SourceFile>,
}

impl Files {
    /// Adds a file and gives its index.
    pub fn add(&mut self, path: String, text: String) -> usize {
        self.files.push(SourceFile { path, text });
        self.files.len() - 1
    }

    /// The file of a place.
    #[must_use]
    pub fn file(&self, index: usize) -> &SourceFile {
        &self.files[index]
    }

    /// Every loaded file, in the order of loading.
    #[must_use]
    pub fn all(&self) -> &[SourceFile] {
        &self.files
    }

    /// The text at a place.
    #[must_use]
    pub fn text(&self, place: Place) -> &str {
        self.files.get(place.file).and_then(|file| file.text.get(place.start..place.end)).unwrap_or("")
    }

    /// Where a word stands inside of a place: its first occurrence outside of longer words, else the whole place.
    #[must_use]
    pub fn find(&self, place: Place, word: &str) -> Place {
        let text = self.text(place);
        let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
        text.match_indices(word)
            .find(|(start, _)| {
                !part_of_word(text[..*start].chars().next_back())
                    && !part_of_word(text[start + word.len()..].chars().next())
            })
            .filter(|_| !word.is_empty())
            .map_or(place, |(start, _)| Place {
                file: place.file,
                start: place.start + start,
                end: place.start + start + word.len(),
            })
    }

    /// The file, the line and the column (both from 1) of a place.
    #[must_use]
    pub fn location(&self, place: Place) -> Location {
        let Some(file) = self.files.get(place.file) else {
            return Location::default();
        };
        let before = file.text.get(..place.start).unwrap_or(&file.text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let text = file.text.lines().nth(line - 1).unwrap_or("").trim();
        Location { path: file.path.clone(), line, column, text: text.to_owned() }
    }
}

/// A place for people: file, line and column from 1, and the line itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Location {
    /// Path of the file, relative to the folder that was loaded.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line without the blanks around it.
    pub text: String,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}
