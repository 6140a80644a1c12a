//! Room for the project's benches.
