//! The ladder's running deadlines, and clocks that explain themselves.
