use super::located::{Located, quoted};
use crate::{
    Convention, Field, FieldKey,
    conventions::{UnknownConvention, similar},
};

/// Names that a document may use: the fields and conventions of the crate, and those of
/// the program or of the document.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    fields: Vec<FieldKey>,
    conventions: Vec<Convention>,
}

impl Names {
    pub(super) const fn new() -> Self {
        Self {
            fields: Vec::new(),
            conventions: Vec::new(),
        }
    }

    pub(super) fn add_field<F: Field>(&mut self) {
        self.fields.push(FieldKey::of::<F>());
    }

    pub(super) fn add_convention(&mut self, convention: Convention) {
        self.conventions.push(convention);
    }

    /// Returns the conventions of the document.
    pub(super) fn conventions(&self) -> &[Convention] {
        &self.conventions
    }

    pub(super) fn field(&self, name: &str) -> Result<FieldKey, Located> {
        let own = || self.fields.iter().find(|field| field.name() == name);
        if let Some(field) = FieldKey::by_name(name).or_else(|| own().copied()) {
            return Ok(field);
        }
        let known = FieldKey::well_known().chain(self.fields.iter().copied());
        let unknown = format!("no field is named {}", quoted(name));
        Err(Located::new(
            match similar(name, known.map(FieldKey::name)) {
                Some(similar) => format!("{unknown}; did you mean `{similar}`?"),
                None => format!("{unknown}; use `property` for a value without a field"),
            },
        ))
    }

    /// Returns a convention of the document, or else a built-in one.
    pub(super) fn convention(&self, name: &str) -> Result<Convention, Located> {
        if let Some(own) = self.own(name) {
            return Ok(own.clone());
        }
        Convention::by_name(name).map_err(|error| self.unknown(name, &error))
    }

    fn unknown(&self, name: &str, error: &UnknownConvention) -> Located {
        match similar(name, self.conventions.iter().map(Convention::name)) {
            Some(similar) => Located::new(format_args!(
                "no convention is named {}; did you mean `{similar}`?",
                quoted(name)
            )),
            None => Located::new(error),
        }
    }

    /// Returns the convention of the document with this name.
    pub(super) fn own(&self, name: &str) -> Option<&Convention> {
        let mut own = self.conventions.iter();
        own.find(|convention| convention.name() == name)
    }

    /// Returns true if [`convention`](Self::convention) returns this convention for its
    /// name.
    pub(super) fn contains(&self, convention: &Convention) -> bool {
        let found = self.convention(convention.name());
        found.is_ok_and(|found| found == *convention)
    }
}
