//! The commit log, the sled store, the chain, healing, the keys of personal data.
