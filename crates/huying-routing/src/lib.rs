//! Names who gets a case, and why.
