//! Room for the project's tests.
