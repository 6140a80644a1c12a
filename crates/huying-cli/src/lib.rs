//! The command line huying.
