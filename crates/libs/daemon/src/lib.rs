//! The three server models: sessions, events, agent.
