//! Writing of headers by a convention.

mod connection;
mod reports;
mod rest;
