//! Vectors, arbitrary values and tables that several topics use.

pub(crate) mod agents;
pub(crate) mod arbitrary;
pub(crate) mod rules;
pub(crate) mod vectors;

pub(crate) use crate::common::fields;
