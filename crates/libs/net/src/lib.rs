//! Streams with deadlines, line reading, listening and connecting.
