//! Answer, call-back, satisfaction, reopening and closing.
