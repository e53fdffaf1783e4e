//! Located trees to the types of the specification, by hand, so that every problem has its place. One file for each kind of
//! document; nothing here looks at more than one document.

mod catalogue;
mod condition;
mod document;
mod expectation;
mod law;
mod machine;
mod reader;
mod transition;
mod value;

pub(crate) use document::read_document;
pub(crate) use reader::Reader;
