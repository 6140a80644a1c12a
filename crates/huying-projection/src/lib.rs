//! Reading models as folds over records.
